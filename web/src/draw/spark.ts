/** Small curves and bars for rows of lists, as geometry. Pure. */

/** Sums up to each place: `[1, 0, 2]` becomes `[1, 1, 3]`. */
export function sums(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((n) => {
    sum += n;
    return sum;
  });
}

/** The outline of the ground below a curve that begins at nothing: `levels` at the ends of equal steps, `most` at the top. */
export function areaPath(levels: readonly number[], most: number, width: number, height: number): string {
  const scale = most > 0 ? height / most : 0;
  const step = levels.length > 0 ? width / levels.length : 0;
  const points = levels.map((level, i) => `L${round((i + 1) * step)} ${round(height - level * scale)}`);
  return `M0 ${height}${points.join("")}L${levels.length > 0 ? width : 0} ${height}Z`;
}

export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A bar for each value (undefined: none), side by side; no bar is lower than 2, so that what is there can be seen. */
export function bars(
  values: readonly (number | undefined)[],
  most: number,
  width: number,
  height: number,
  gap = 1,
): Bar[] {
  const step = values.length > 0 ? width / values.length : 0;
  return values.map((value, i) => {
    const tall = value === undefined || most <= 0 ? 0 : Math.max(2, (value / most) * height);
    return { x: round(i * step), y: round(height - tall), width: round(Math.max(1, step - gap)), height: round(tall) };
  });
}

/** A round number at or above a value, for the top of a scale: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((n) => n * power >= value * (1 - 1e-9)) ?? 10);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
