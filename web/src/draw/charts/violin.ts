/** The shape of a distribution on an axis of logarithms: how dense its values lie, smoothed. */

import type { LogAxis } from "@/draw/charts/scale";

/** Density at `points` places along an axis, the densest 1. `seconds` and `tries` are the classes of a histogram. */
export function density(
  seconds: ArrayLike<number>,
  tries: ArrayLike<number>,
  axis: LogAxis,
  points: number,
): Float64Array {
  const found = new Float64Array(points);
  for (let i = 0; i < seconds.length; i++) {
    const place = axis.at(seconds[i]) * (points - 1);
    const low = Math.floor(place);
    found[low] += tries[i] * (1 - (place - low));
    if (low + 1 < points) found[low + 1] += tries[i] * (place - low);
  }
  const smooth = smoothed(smoothed(found));
  const most = smooth.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? smooth.map((value) => value / most) : smooth;
}

function smoothed(values: Float64Array): Float64Array {
  const last = values.length - 1;
  return values.map(
    (value, i) =>
      (values[Math.max(0, i - 2)] + 2 * values[Math.max(0, i - 1)] + 3 * value) / 9 +
      (2 * values[Math.min(last, i + 1)] + values[Math.min(last, i + 2)]) / 9,
  );
}

/** An SVG path of the shape, `width` by `height`, the same above and below its middle; empty for nothing. */
export function violinPath(values: Float64Array, width: number, height: number): string {
  const first = values.findIndex((value) => value > LEAST);
  if (first < 0) return "";
  const last = values.findLastIndex((value) => value > LEAST);
  const x = (i: number) => ((i / (values.length - 1)) * width).toFixed(1);
  const half = (i: number) => (values[i] * height) / 2;
  const edge = (sign: number) => (i: number) => `${x(i)} ${(height / 2 + sign * half(i)).toFixed(1)}`;
  const along = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return `M${along.map(edge(-1)).join("L")}L${along.reverse().map(edge(1)).join("L")}Z`;
}

/** A density that cannot be seen. */
const LEAST = 0.004;
