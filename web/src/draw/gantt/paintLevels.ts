/** How many waited, were held and ran at once: stacked areas over time. */

import { binEdges, type Gap } from "@/draw/gantt/fold";
import type { Ink } from "@/draw/gantt/palette";
import type { Concurrency } from "@/draw/gantt/picture";
import { type Plot, pixelsOf } from "@/draw/gantt/view";

/** From the bottom to the top. */
export const SERIES = ["running", "scripts", "held", "queued"] as const;

/** The highest stack that is seen. */
export function peakOf(levels: Concurrency, edges: Float64Array, from: number, to: number): number {
  let most = 0;
  for (let bin = 0; bin < levels.bins; bin += 1) {
    if (edges[bin + 1] < from || edges[bin] > to) continue;
    const sum = levels.running[bin] + levels.scripts[bin] + levels.held[bin] + levels.queued[bin];
    if (sum > most) most = sum;
  }
  return most;
}

/** A number that people count in, at or above. */
export function niceAbove(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value - 1e-9) ?? 10;
  return step * power;
}

/** Where bins begin and end. */
export function edgesOf(levels: { startTs: number; endTs: number; bins: number; skip: Gap[] }): Float64Array {
  return binEdges(levels.startTs, levels.endTs, levels.bins, levels.skip);
}

/** Draw the stack: `top` pixels from above is `most`. What failed is marked at the bottom, `mark` pixels high. */
export function paintLevels(
  context: CanvasRenderingContext2D,
  plot: Plot,
  ink: Ink,
  levels: Concurrency,
  edges: Float64Array,
  box: { top: number; bottom: number; most: number; mark: number },
): void {
  const x = pixelsOf(plot, edges);
  const per = (box.bottom - box.top) / box.most;
  const base = new Float64Array(levels.bins).fill(box.bottom);
  const fills = { running: ink.palette.run, scripts: ink.palette.script, held: ink.dots, queued: ink.palette.queue };
  for (const name of SERIES) {
    context.fillStyle = fills[name];
    const values = levels[name];
    for (let bin = 0; bin < levels.bins; bin += 1) {
      const wide = x[bin + 1] - x[bin];
      if (values[bin] <= 0 || wide <= 0) continue;
      const high = values[bin] * per;
      base[bin] -= high;
      context.fillRect(x[bin], base[bin], wide, high);
    }
  }
  paintFailures(context, ink, levels, x, box);
}

/** A mark where something failed; where they would lie over each other, one for several. */
function paintFailures(
  context: CanvasRenderingContext2D,
  ink: Ink,
  levels: Concurrency,
  x: Float64Array,
  { bottom, mark }: { bottom: number; mark: number },
): void {
  context.fillStyle = ink.palette.fail;
  context.strokeStyle = ink.palette.paper;
  context.lineWidth = 1;
  let free = Number.NEGATIVE_INFINITY;
  for (let bin = 0; bin < levels.bins; bin += 1) {
    const middle = (x[bin] + x[bin + 1]) / 2;
    if (levels.failed[bin] === 0 || x[bin + 1] <= x[bin] || middle < free) continue;
    free = middle + mark + 2;
    context.beginPath();
    context.moveTo(middle, bottom - mark);
    context.lineTo(middle + mark / 2, bottom);
    context.lineTo(middle - mark / 2, bottom);
    context.closePath();
    context.stroke();
    context.fill();
  }
}

/** The bin that holds a time; undefined outside. */
export function binAt(edges: Float64Array, ts: number): number | undefined {
  if (ts < edges[0] || ts > edges[edges.length - 1]) return undefined;
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= ts) low = middle;
    else high = middle - 1;
  }
  return low;
}
