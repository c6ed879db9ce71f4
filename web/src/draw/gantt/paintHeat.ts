/** Machines over time: a thin strip each, the darker the more ran there at once. */

import { binEdges } from "@/draw/gantt/fold";
import type { Ink } from "@/draw/gantt/palette";
import type { Lanes } from "@/draw/gantt/picture";
import { type Plot, pixelsOf } from "@/draw/gantt/view";

/** Draw strips from `scroll` on, `row` pixels each, in `order`. `most` is the darkest. Failed shares are hatched below. */
export function paintHeat(
  context: CanvasRenderingContext2D,
  plot: Plot,
  ink: Ink,
  lanes: Lanes,
  place: { order: number[]; row: number; scroll: number; height: number; most: number },
): void {
  const edges = binEdges(lanes.startTs, lanes.endTs, lanes.bins, lanes.skip);
  const x = pixelsOf(plot, edges);
  const yOf = new Float64Array(place.order.length);
  for (const [at, lane] of place.order.entries()) yOf[lane] = at * place.row - place.scroll;
  context.fillStyle = ink.palette.run;
  for (let n = 0; n < lanes.count; n += 1) {
    const y = yOf[lanes.lane[n]];
    const left = x[lanes.bin[n]];
    const wide = x[lanes.bin[n] + 1] - left;
    if (y + place.row < 0 || y > place.height || wide <= 0) continue;
    context.globalAlpha = 0.15 + 0.85 * Math.min(1, lanes.running[n] / place.most);
    context.fillRect(left, y + 1, wide, place.row - 2);
  }
  context.globalAlpha = 1;
  context.fillStyle = ink.hatch;
  for (let n = 0; n < lanes.count; n += 1) {
    const y = yOf[lanes.lane[n]];
    const left = x[lanes.bin[n]];
    const wide = x[lanes.bin[n] + 1] - left;
    if (lanes.failing[n] <= 0.01 || y + place.row < 0 || y > place.height || wide <= 0) continue;
    const high = Math.max(3, (place.row - 2) * Math.min(1, lanes.failing[n] / lanes.running[n]));
    context.fillRect(left, y + place.row - 1 - high, Math.max(2, wide), high);
  }
}
