/** Axes: where values lie, and which marks people read on them. Nothing is drawn here. */

import { coarse, duration } from "@/words/format";

export interface Mark {
  /** From 0 (the beginning of the axis) to 1. */
  at: number;
  label: string;
}

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A number of an axis: `1`, `250`, `20K`, `1M`. */
export function compact(n: number): string {
  return COMPACT.format(n);
}

/** The end of an axis of counts that holds `most`, and the distance of its marks: 1, 2 or 5 times a power of ten. */
export function nice(most: number, marks = 4): { end: number; step: number } {
  const least = Math.max(most / marks, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least * (1 - 1e-9)) ?? 10 * power;
  return { end: Math.max(step, Math.ceil(most / step - 1e-9) * step), step };
}

/** Marks of counts from 0 to `end`. */
export function countMarks(end: number, step: number): Mark[] {
  const n = Math.round(end / step);
  return Array.from({ length: n + 1 }, (_, i) => ({ at: i / n, label: compact(i * step) }));
}

/** An axis of logarithms between two values greater than 0. */
export interface LogAxis {
  low: number;
  high: number;
  at(value: number): number;
}

/** The axis that holds all values; those of 0 lie at its beginning. */
export function logAxis(least: number, most: number, floor = 0.1): LogAxis {
  const low = Math.max(floor, least);
  const high = Math.max(most, low * 2);
  const span = Math.log(high / low);
  return { low, high, at: (value) => Math.min(1, Math.max(0, Math.log(Math.max(value, low) / low) / span)) };
}

const DURATIONS_S = [0.1, 1, 10, 60, 600, 3600, 36_000, 86_400, 864_000, 8_640_000];
const BETWEEN_S = [0.2, 0.5, 2, 5, 20, 30, 120, 300, 1200, 1800, 7200, 18_000, 172_800, 432_000];

/** Marks of durations that people count in; more of them where the axis is short. */
export function durationMarks(axis: LogAxis): Mark[] {
  const inside = (s: number) => s >= axis.low * 0.999 && s <= axis.high * 1.001;
  const main = DURATIONS_S.filter(inside);
  const seconds = main.length >= 3 ? main : [...DURATIONS_S, ...BETWEEN_S].sort((a, b) => a - b).filter(inside);
  return seconds.map((s) => ({ at: axis.at(s), label: s < 1 ? duration(s) : coarse(s) }));
}

const RATIOS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.75, 1, 1.5, 2, 5, 10, 20, 50, 100];

/** Marks of ratios: `½` is as far from 1 as 2 is. */
export function ratioMarks(axis: LogAxis, most = 7): Mark[] {
  const inside = RATIOS.filter((r) => r >= axis.low * 0.999 && r <= axis.high * 1.001);
  const kept =
    inside.length <= most ? inside : inside.filter((r) => Number.isInteger(Math.log10(r)) || r === 0.5 || r === 2);
  return kept.map((r) => ({ at: axis.at(r), label: `${r}×` }));
}

const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000, 7_776_000,
];

/** Marks of times (epoch seconds) at local times that people count in, at most `most`. */
export function timeMarks(startTs: number, endTs: number, most: number): Mark[] {
  const length = Math.max(endTs - startTs, 1e-3);
  const step = STEPS_S.find((s) => length / s <= most) ?? length;
  const zone = -new Date(startTs * 1000).getTimezoneOffset() * 60;
  const marks: Mark[] = [];
  for (let ts = Math.ceil((startTs + zone) / step) * step - zone; ts <= endTs; ts += step) {
    marks.push({ at: (ts - startTs) / length, label: clockLabel(ts, step) });
  }
  return marks;
}

/** `14:20`, `14:20:05`; `21 Nov` at midnight and for days. */
function clockLabel(ts: number, step: number): string {
  const date = new Date(ts * 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const midnight = date.getHours() + date.getMinutes() + date.getSeconds() === 0;
  if (step >= 86_400 || midnight) return `${date.getDate()} ${date.toLocaleString("en", { month: "short" })}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step < 60 ? `${clock}:${two(date.getSeconds())}` : clock;
}
