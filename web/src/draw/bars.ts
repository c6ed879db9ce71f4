/** Bars over time as rectangles: geometry only. */

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Stacked bars of two counts by piece of time, `well` below, `badly` on top of it, in a box of `width` by `height`. */
export interface Bars {
  well: Bar[];
  badly: Bar[];
  /** The largest sum of a piece; what the box is high. */
  most: number;
}

const GAP = 1;
/** What there is at all can be seen. */
const LEAST = 1.5;

/** Bars for counts of pieces of equal length. Pieces without anything have no bar. */
export function barsOf(well: readonly number[], badly: readonly number[], width: number, height: number): Bars {
  const pieces = Math.max(well.length, badly.length);
  const most = Array.from({ length: pieces }, (_, i) => (well[i] ?? 0) + (badly[i] ?? 0)).reduce(
    (a, b) => Math.max(a, b),
    0,
  );
  const made: Bars = { well: [], badly: [], most };
  if (most === 0) return made;
  const step = width / pieces;
  for (let i = 0; i < pieces; i++) {
    const below = tall(well[i] ?? 0, most, height);
    const above = tall(badly[i] ?? 0, most, height);
    const box = { x: i * step, width: Math.max(step - GAP, 0.5) };
    if (below > 0) made.well.push({ ...box, y: height - below, height: below });
    if (above > 0) made.badly.push({ ...box, y: Math.max(0, height - below - above), height: above });
  }
  return made;
}

function tall(n: number, most: number, height: number): number {
  return n > 0 ? Math.max(LEAST, (n / most) * height) : 0;
}
