/** Time on the axis of a picture, where idle times may be squeezed: epoch seconds ↔ folded seconds. */

/** A time in which nothing happened, in epoch seconds. */
export interface Gap {
  start: number;
  end: number;
}

/** Idle times in order, none over another, each drawn as wide as `mark` seconds. Without any, folded seconds are epoch seconds. */
export interface Fold {
  gaps: readonly Gap[];
  mark: number;
}

export const STRAIGHT: Fold = { gaps: [], mark: 0 };

/** A mark is this share of the time that is not squeezed. */
const MARK_SHARE = 0.012;

/** The fold that squeezes these idle times of a run from `start` to `end`. A gap that would not become narrower is left as it is. */
export function foldOf(gaps: readonly Gap[], start: number, end: number): Fold {
  const busy = end - start - gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const mark = Math.max(0.001, busy * MARK_SHARE);
  return { gaps: gaps.filter((gap) => gap.end - gap.start > mark).sort((a, b) => a.start - b.start), mark };
}

/** Known idle times, with those of `found` that lie behind them: what is squeezed stays so while a run goes on. */
export function moreGaps(known: readonly Gap[], found: readonly Gap[]): Gap[] {
  const last = known.at(-1)?.end ?? Number.NEGATIVE_INFINITY;
  return [...known, ...found.filter((gap) => gap.start >= last)];
}

/** Folded seconds of a time. */
export function toFolded(fold: Fold, ts: number): number {
  let less = 0;
  for (const { start, end } of fold.gaps) {
    if (ts <= start) break;
    const removed = end - start - fold.mark;
    if (ts < end) return start - less + ((ts - start) / (end - start)) * fold.mark;
    less += removed;
  }
  return ts - less;
}

/** The time of folded seconds. */
export function toTime(fold: Fold, folded: number): number {
  let less = 0;
  for (const { start, end } of fold.gaps) {
    const from = start - less;
    if (folded <= from) break;
    if (folded < from + fold.mark) return start + ((folded - from) / fold.mark) * (end - start);
    less += end - start - fold.mark;
  }
  return folded + less;
}

/**
 * The times at which bins begin, and the end of the last: `bins` of equal width over a window without the times of `skip`,
 * as the service makes them. A bin that a skipped time lies in begins before it and ends behind it.
 */
export function binEdges(start: number, end: number, bins: number, skip: readonly Gap[]): Float64Array {
  const cuts = skip
    .map((gap) => ({ start: Math.max(gap.start, start), end: Math.min(gap.end, end) }))
    .filter((gap) => gap.end > gap.start)
    .sort((a, b) => a.start - b.start);
  const removed = cuts.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const kept = removed < end - start ? cuts : [];
  const width = (end - start - (kept.length ? removed : 0)) / bins;
  const edges = new Float64Array(bins + 1);
  let passed = 0;
  let at = 0;
  for (let bin = 0; bin <= bins; bin += 1) {
    const place = start + bin * width;
    while (at < kept.length && place + passed > kept[at].start) {
      passed += kept[at].end - kept[at].start;
      at += 1;
    }
    edges[bin] = place + passed;
  }
  return edges;
}
