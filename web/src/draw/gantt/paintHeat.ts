/** Machines over time: a thin strip each, the darker the more ran there at once. */

import { binEdges } from "@/draw/gantt/fold";
import type { Ink } from "@/draw/gantt/palette";
import type { Lanes } from "@/draw/gantt/picture";
import { drawStretched, piecesOf } from "@/draw/gantt/stretch";
import { type Plot, pixelsOf } from "@/draw/gantt/view";

/** A pixel for each bin and lane (lanes in `order` from the top): colour and how dark, as ImageData takes it. `most` is the darkest. */
export function heatPixels(
  lanes: Lanes,
  order: number[],
  most: number,
  colour: string,
): Uint8ClampedArray<ArrayBuffer> {
  const [red, green, blue] = rgbOf(colour);
  const rows = new Uint32Array(order.length);
  for (const [row, lane] of order.entries()) rows[lane] = row;
  const pixels = new Uint8ClampedArray(4 * lanes.bins * order.length);
  for (let n = 0; n < lanes.count; n += 1) {
    const at = 4 * (rows[lanes.lane[n]] * lanes.bins + lanes.bin[n]);
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
    pixels[at + 3] = 255 * (0.15 + 0.85 * Math.min(1, lanes.running[n] / most));
  }
  return pixels;
}

/** `#0072b2` in numbers. */
export function rgbOf(hex: string): [red: number, green: number, blue: number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Draw strips from `scroll` on, `row` pixels each, of which `image` has the pixels. Failed shares are hatched below. */
export function paintHeat(
  context: CanvasRenderingContext2D,
  plot: Plot,
  ink: Ink,
  lanes: Lanes,
  place: { image: CanvasImageSource; order: number[]; row: number; scroll: number; height: number },
): void {
  const { order, row, scroll, height } = place;
  const edges = binEdges(lanes.startTs, lanes.endTs, lanes.bins, lanes.skip);
  const pieces = piecesOf(edges, plot);
  const yOf = new Float64Array(order.length);
  context.save();
  context.beginPath();
  context.rect(plot.left, 0, plot.width, height);
  context.clip();
  for (const [at, lane] of order.entries()) {
    const y = at * row - scroll;
    yOf[lane] = y;
    if (y + row < 0 || y > height) continue;
    drawStretched(context, place.image, pieces, { y: at, height: 1 }, { y: y + 1, height: row - 2 });
  }
  const x = pixelsOf(plot, edges);
  context.fillStyle = ink.hatch;
  for (let n = 0; n < lanes.count; n += 1) {
    if (lanes.failing[n] <= 0.01) continue;
    const y = yOf[lanes.lane[n]];
    const left = x[lanes.bin[n]];
    const wide = x[lanes.bin[n] + 1] - left;
    if (y + row < 0 || y > height || wide <= 0) continue;
    const high = Math.max(3, (row - 2) * Math.min(1, lanes.failing[n] / lanes.running[n]));
    context.fillRect(left, y + row - 1 - high, Math.max(2, wide), high);
  }
  context.restore();
}
