/** Tries one by one on a canvas: phases thin, time on a machine thick. */

import { drawnEnd } from "@/draw/gantt/hit";
import { type Layout, PAD_PX } from "@/draw/gantt/layout";
import type { Packed } from "@/draw/gantt/pack";
import type { Ink } from "@/draw/gantt/palette";
import { type Bars, FAILED, RUNNING, SUCCESS } from "@/draw/gantt/picture";
import { type Plot, scaleOf } from "@/draw/gantt/view";

export interface Scene {
  plot: Plot;
  layout: Layout;
  /** Pixels of all lanes above what is seen, and how high that is. */
  scroll: number;
  height: number;
  /** What lasts is drawn until then (epoch seconds). */
  nowTs: number;
  ink: Ink;
}

/** Rows at least so high have phases that are thinner than the run; and crosses on what failed. */
const THIN_PX = 4;
const CROSS_PX = 6;

/** Draw bars. Each kind of phase in one go: changing colours costs more than drawing. */
export function paintBars(
  context: CanvasRenderingContext2D,
  scene: Scene,
  bars: Bars,
  packed: Packed,
  phases: boolean,
): void {
  const { layout, scroll, height, plot, ink } = scene;
  const x = scaleOf(plot);
  const right = plot.left + plot.width;
  const gap = layout.rowHeight >= 3 ? 1 : 0;
  const high = layout.rowHeight - gap;
  const yOf = (bar: number) => layout.yOf[bars.lane[bar]] + PAD_PX + packed.row[bar] * layout.rowHeight - scroll;
  const rect = (bar: number, start: number, end: number, thin: boolean, least: number) => {
    if (end < start) return;
    const a = Math.max(plot.left, x(bars.startTs + start));
    const b = Math.min(right, x(bars.startTs + end));
    if (b < plot.left || a > right) return;
    const wide = Math.max(least, b - a);
    const y = yOf(bar);
    if (thin && high >= THIN_PX) context.fillRect(a, y + Math.round(high * 0.3), wide, Math.max(2, high * 0.4));
    else context.fillRect(a, y, wide, high);
  };
  const seen = visible(bars, yOf, height, layout.rowHeight);
  const now = scene.nowTs - bars.startTs;
  if (phases) paintPhases(context, ink, bars, seen, rect, now);
  paintRuns(context, ink, bars, seen, rect, (bar) => drawnEnd(bars, bar, phases, now));
  paintHolds(context, ink, bars, rect, now);
  if (high >= CROSS_PX) paintCrosses(context, scene, bars, seen, yOf, x, high);
}

type Rect = (bar: number, start: number, end: number, thin: boolean, least: number) => void;

function visible(bars: Bars, yOf: (bar: number) => number, height: number, rowHeight: number): number[] {
  const seen: number[] = [];
  for (let bar = 0; bar < bars.count; bar += 1) {
    const y = yOf(bar);
    if (y + rowHeight >= 0 && y <= height) seen.push(bar);
  }
  return seen;
}

/** Time on a machine. What failed can be seen even where it never came to one. */
function paintRuns(
  context: CanvasRenderingContext2D,
  ink: Ink,
  bars: Bars,
  seen: number[],
  rect: Rect,
  lastsUntil: (bar: number) => number,
): void {
  const looks = [
    { state: SUCCESS, fill: ink.palette.done, least: 1 },
    { state: RUNNING, fill: ink.palette.run, least: 1 },
    { state: FAILED, fill: ink.hatch, least: 2 },
  ];
  for (const { state, fill, least } of looks) {
    context.fillStyle = fill;
    for (const bar of seen) {
      if (bars.state[bar] !== state) continue;
      // one that is held has left its machine
      const lasts = state === RUNNING && bars.end[bar] >= bars.over[bar];
      rect(bar, bars.execute[bar], lasts ? lastsUntil(bar) : bars.end[bar], false, least);
    }
  }
}

/** Scripts and the wait for a machine. */
function paintPhases(
  context: CanvasRenderingContext2D,
  ink: Ink,
  bars: Bars,
  seen: number[],
  rect: Rect,
  now: number,
): void {
  const { begin, submit, execute, end, over, state } = bars;
  context.fillStyle = ink.palette.queue;
  for (const bar of seen) {
    const until = state[bar] > FAILED ? Math.max(execute[bar], now) : execute[bar];
    if (until > submit[bar]) rect(bar, submit[bar], until, true, 0.5);
  }
  context.fillStyle = ink.palette.script;
  for (const bar of seen) {
    if (submit[bar] > begin[bar]) rect(bar, begin[bar], submit[bar], true, 0.5);
    if (over[bar] > end[bar]) rect(bar, end[bar], over[bar], true, 0.5);
  }
}

/** Held: over what was drawn of it. */
function paintHolds(context: CanvasRenderingContext2D, ink: Ink, bars: Bars, rect: Rect, now: number): void {
  const { holds, over, state } = bars;
  context.fillStyle = ink.dots;
  for (let n = 0; n < holds.count; n += 1) {
    const bar = holds.bar[n];
    const lasts = (state[bar] === RUNNING || state[bar] > FAILED) && holds.end[n] >= over[bar];
    rect(bar, holds.start[n], lasts ? Math.max(holds.end[n], now) : holds.end[n], false, 1);
  }
}

/** A cross on what failed, where there is room: a state never hangs on its colour alone. */
function paintCrosses(
  context: CanvasRenderingContext2D,
  scene: Scene,
  bars: Bars,
  seen: number[],
  yOf: (bar: number) => number,
  x: (ts: number) => number,
  high: number,
): void {
  const { plot, ink } = scene;
  const arm = Math.min(4, high / 3);
  context.beginPath();
  for (const bar of seen) {
    if (bars.state[bar] !== FAILED) continue;
    const at = x(bars.startTs + Math.max(bars.end[bar], bars.execute[bar])) + arm + 2;
    if (at < plot.left || at > plot.left + plot.width) continue;
    const y = yOf(bar) + high / 2;
    context.moveTo(at - arm, y - arm);
    context.lineTo(at + arm, y + arm);
    context.moveTo(at + arm, y - arm);
    context.lineTo(at - arm, y + arm);
  }
  // it may lie over what was held, or over the bar behind it
  context.strokeStyle = ink.palette.paper;
  context.lineWidth = 4.5;
  context.stroke();
  context.strokeStyle = ink.palette["fail-ink"];
  context.lineWidth = 2;
  context.stroke();
}
