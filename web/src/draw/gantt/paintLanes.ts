/** Lanes as areas: how many ran at once in each, against the most of the lane. */

import { binEdges } from "@/draw/gantt/fold";
import type { Scene } from "@/draw/gantt/paintBars";
import type { Lanes } from "@/draw/gantt/picture";
import { pixelsOf } from "@/draw/gantt/view";

/** The most that ran at once in each lane, on average over a bin. */
export function peaksOf(lanes: Lanes): Float32Array {
  const peaks = new Float32Array(lanes.lanes.length);
  for (let n = 0; n < lanes.count; n += 1) peaks[lanes.lane[n]] = Math.max(peaks[lanes.lane[n]], lanes.running[n]);
  return peaks;
}

/** Draw lanes; what failed in the end hatched, at the bottom. */
export function paintLanes(context: CanvasRenderingContext2D, scene: Scene, lanes: Lanes, peaks: Float32Array): void {
  const { layout, scroll, height, plot, ink } = scene;
  const edges = binEdges(lanes.startTs, lanes.endTs, lanes.bins, lanes.skip);
  const x = pixelsOf(plot, edges);
  const draw = (values: Float32Array, floor: number) => {
    for (let n = 0; n < lanes.count; n += 1) {
      const value = values[n];
      if (value <= 0) continue;
      const lane = lanes.lane[n];
      const bottom = layout.yOf[lane] + layout.rowHeight - 2 - scroll;
      if (bottom < 0 || bottom - layout.rowHeight > height) continue;
      const left = x[lanes.bin[n]];
      const wide = x[lanes.bin[n] + 1] - left;
      if (wide <= 0 && (left <= plot.left || left >= plot.left + plot.width)) continue;
      const high = Math.max(floor, (value / peaks[lane]) * (layout.rowHeight - 4));
      context.fillRect(left, bottom - high, Math.max(wide, 1), high);
    }
  };
  context.fillStyle = ink.palette.run;
  draw(lanes.running, 1);
  context.fillStyle = ink.hatch;
  draw(lanes.failing, 3);
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
