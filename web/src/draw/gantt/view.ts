/** What part of a picture is seen: folded seconds ↔ pixels, zooming and panning. */

import { type Fold, toFolded, toTime } from "@/draw/gantt/fold";

/** From where to where one looks, in folded seconds. */
export interface Span {
  from: number;
  to: number;
}

/** How time lies on the canvas: `left` and `width` in pixels. */
export interface Plot {
  fold: Fold;
  span: Span;
  left: number;
  width: number;
}

/** Nobody looks at less. */
const LEAST_S = 0.5;

/** The pixel of a time. */
export function xOf(plot: Plot, ts: number): number {
  return plot.left + ((toFolded(plot.fold, ts) - plot.span.from) / (plot.span.to - plot.span.from)) * plot.width;
}

/** The time of a pixel. */
export function timeAt(plot: Plot, x: number): number {
  return toTime(plot.fold, foldedAt(plot, x));
}

/** Folded seconds of a pixel. */
export function foldedAt(plot: Plot, x: number): number {
  return plot.span.from + ((x - plot.left) / plot.width) * (plot.span.to - plot.span.from);
}

/** A function that gives pixels of times fast: for many, when nothing is folded it is a line. */
export function scaleOf(plot: Plot): (ts: number) => number {
  const scale = plot.width / (plot.span.to - plot.span.from);
  const { fold, left, span } = plot;
  if (fold.gaps.length === 0) return (ts) => left + (ts - span.from) * scale;
  return (ts) => left + (toFolded(fold, ts) - span.from) * scale;
}

/** Nearer by a factor below 1, farther by one above, around a place that stays where it is. */
export function zoomed(span: Span, factor: number, at: number, whole: Span): Span {
  const most = whole.to - whole.from;
  const wanted = Math.min(most, Math.max(LEAST_S, (span.to - span.from) * factor));
  const share = span.to > span.from ? (at - span.from) / (span.to - span.from) : 0.5;
  const from = at - share * wanted;
  return within({ from, to: from + wanted }, whole);
}

/** The same width, further on by so many folded seconds. */
export function panned(span: Span, by: number, whole: Span): Span {
  return within({ from: span.from + by, to: span.to + by }, whole);
}

/** The nearest span that lies in the whole. */
export function within(span: Span, whole: Span): Span {
  const width = Math.min(span.to - span.from, whole.to - whole.from);
  const from = Math.min(Math.max(span.from, whole.from), whole.to - width);
  return { from, to: from + width };
}

/** Whether two spans look the same: to a ten-thousandth of their width. */
export function sameSpan(a: Span, b: Span): boolean {
  const slack = Math.max(1e-6, (b.to - b.from) * 1e-4);
  return Math.abs(a.from - b.from) < slack && Math.abs(a.to - b.to) < slack;
}

/**
 * What to ask for so that one can look at `span` and pan a little: half a width more on both sides, on a grid, so that
 * small movements ask for nothing new. Undefined: all of it.
 */
export function asked(span: Span, whole: Span): Span | undefined {
  const width = span.to - span.from;
  const step = 2 ** Math.floor(Math.log2(Math.max(width, LEAST_S) / 2));
  const from = Math.floor((span.from - width / 2) / step) * step;
  const to = Math.ceil((span.to + width / 2) / step) * step;
  return from <= whole.from && to >= whole.to ? undefined : { from, to };
}

/** Pixels of times, each whole and within the plot: what lies side by side then has no seams. */
export function pixelsOf(plot: Plot, times: Float64Array): Float64Array {
  const scale = scaleOf(plot);
  const right = plot.left + plot.width;
  return times.map((ts) => Math.round(Math.min(right, Math.max(plot.left, scale(ts)))));
}
