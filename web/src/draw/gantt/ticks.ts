/** Marks of time on an axis, at local times that people count in. */

import { toFolded, toTime } from "@/draw/gantt/fold";
import { type Plot, xOf } from "@/draw/gantt/view";

export interface Tick {
  x: number;
  label: string;
}

const STEPS_S = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 1_209_600, 2_592_000,
];
/** Room that a label takes, in pixels. */
const LABEL_PX = 76;

/** Marks for what is seen; near a squeezed time none, since its label would stand over the mark of that. */
export function ticksOf(plot: Plot): Tick[] {
  const shown = plot.span.to - plot.span.from;
  const wanted = (shown / plot.width) * LABEL_PX;
  const step = STEPS_S.find((one) => one >= wanted) ?? 2_592_000;
  const first = toTime(plot.fold, plot.span.from);
  const last = toTime(plot.fold, plot.span.to);
  const zone = -new Date(first * 1000).getTimezoneOffset() * 60;
  const ticks: Tick[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const [from, to] of shownParts(plot, first, last)) {
    for (let ts = Math.ceil((from + zone) / step) * step - zone; ts <= to; ts += step) {
      const x = xOf(plot, ts);
      if (x < free) continue;
      const label = labelOf(ts, step, ticks.length === 0);
      ticks.push({ x, label });
      free = x + Math.max(LABEL_PX * 0.8, label.length * 7.5);
    }
  }
  return ticks;
}

/** The times that are seen, without those that are squeezed. */
function shownParts(plot: Plot, first: number, last: number): [number, number][] {
  const parts: [number, number][] = [];
  let from = first;
  for (const gap of plot.fold.gaps) {
    if (gap.end <= from || gap.start >= last) continue;
    if (gap.start > from) parts.push([from, gap.start]);
    from = gap.end;
  }
  if (from < last) parts.push([from, last]);
  return parts;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `14:20`, `14:20:05`, `14:20:05.2`; `21 Nov` at midnight and for days. */
export function labelOf(ts: number, step: number, withDay = false): string {
  const date = new Date(ts * 1000);
  const day = `${date.getDate()} ${date.toLocaleString("en", { month: "short" })}`;
  const midnight = date.getHours() + date.getMinutes() + date.getSeconds() === 0;
  if (step >= 86_400 || (midnight && step >= 60)) return day;
  const clock = `${withDay ? `${day} ` : ""}${two(date.getHours())}:${two(date.getMinutes())}`;
  if (step >= 60) return clock;
  const seconds = step < 1 ? (ts % 60).toFixed(1).padStart(4, "0") : two(date.getSeconds());
  return `${clock}:${seconds}`;
}

/** Squeezed times that are seen: where their marks lie, and how long they are. */
export function foldMarks(plot: Plot): { x: number; width: number; seconds: number }[] {
  const { fold, span } = plot;
  const scale = plot.width / (span.to - span.from);
  return fold.gaps
    .map((gap) => ({ at: toFolded(fold, gap.start), seconds: gap.end - gap.start }))
    .filter(({ at }) => at < span.to && at + fold.mark > span.from)
    .map(({ at, seconds }) => ({ x: plot.left + (at - span.from) * scale, width: fold.mark * scale, seconds }));
}
