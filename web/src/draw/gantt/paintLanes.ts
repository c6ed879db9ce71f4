/** Lanes as areas: how many ran at once in each, against the most of the lane. */

import { binEdges } from "@/draw/gantt/fold";
import type { Layout } from "@/draw/gantt/layout";
import type { Scene } from "@/draw/gantt/paintBars";
import type { Lanes } from "@/draw/gantt/picture";
import { drawStretched, piecesOf } from "@/draw/gantt/stretch";
import { pixelsOf } from "@/draw/gantt/view";

/** The most that ran at once in each lane, on average over a bin. */
export function peaksOf(lanes: Lanes): Float32Array {
  const peaks = new Float32Array(lanes.lanes.length);
  for (let n = 0; n < lanes.count; n += 1) peaks[lanes.lane[n]] = Math.max(peaks[lanes.lane[n]], lanes.running[n]);
  return peaks;
}

/** All areas in one colour, a pixel wide for each bin, as high as they are laid out. */
export function paintAreas(context: CanvasRenderingContext2D, lanes: Lanes, peaks: Float32Array, layout: Layout): void {
  for (let n = 0; n < lanes.count; n += 1) {
    const lane = lanes.lane[n];
    const high = Math.max(1, Math.round((lanes.running[n] / peaks[lane]) * (layout.rowHeight - 4)));
    context.fillRect(lanes.bin[n], layout.yOf[lane] + layout.rowHeight - 2 - high, 1, high);
  }
}

/** Draw lanes from a picture of their areas; what failed in the end hatched, at the bottom. */
export function paintLanes(
  context: CanvasRenderingContext2D,
  scene: Scene,
  lanes: Lanes,
  peaks: Float32Array,
  areas: CanvasImageSource,
): void {
  const { layout, scroll, height, plot, ink } = scene;
  const edges = binEdges(lanes.startTs, lanes.endTs, lanes.bins, lanes.skip);
  const seen = Math.min(height, layout.height - scroll);
  if (seen > 0)
    drawStretched(context, areas, piecesOf(edges, plot), { y: scroll, height: seen }, { y: 0, height: seen });
  const x = pixelsOf(plot, edges);
  const right = plot.left + plot.width;
  context.fillStyle = ink.hatch;
  for (let n = 0; n < lanes.count; n += 1) {
    if (lanes.failing[n] <= 0.005) continue;
    const lane = lanes.lane[n];
    const bottom = layout.yOf[lane] + layout.rowHeight - 2 - scroll;
    const left = x[lanes.bin[n]];
    const wide = x[lanes.bin[n] + 1] - left;
    if (bottom < 0 || bottom - layout.rowHeight > height) continue;
    if (wide <= 0 && (left <= plot.left || left >= right)) continue;
    const high = Math.max(3, (lanes.failing[n] / peaks[lane]) * (layout.rowHeight - 4));
    context.fillRect(left, bottom - high, Math.max(wide, 1), high);
  }
}

/** The most of each lane in numbers, at the left of its area where the names end. */
export function paintPeaks(context: CanvasRenderingContext2D, scene: Scene, words: (lane: number) => string): void {
  const { layout, scroll, height, plot, ink } = scene;
  if (layout.rowHeight < 24) return;
  context.font = ink.font;
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = ink.palette.paper;
  context.fillStyle = ink.palette.muted;
  for (const { lane, y } of layout.lanes) {
    const at = y - scroll + 9;
    if (at < -8 || at > height + 8) continue;
    context.strokeText(words(lane), plot.left + 4, at);
    context.fillText(words(lane), plot.left + 4, at);
  }
}
