/** Layers on top of each other over bins of time: their geometry, and how a canvas shows them. */

/** Where a picture lies in its canvas, in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The upper edge of each layer in each bin, the lowest layer first. */
export function stacked(layers: readonly ArrayLike<number>[], bins: number): Float64Array[] {
  const sum = new Float64Array(bins);
  return layers.map((layer) => {
    for (let i = 0; i < bins; i++) sum[i] += layer[i] ?? 0;
    return sum.slice();
  });
}

/** The highest edge of all. */
export function highest(tops: readonly Float64Array[]): number {
  return tops.at(-1)?.reduce((a, b) => Math.max(a, b), 0) ?? 0;
}

/** The bin at a place of the canvas; undefined outside of the box. */
export function binAt(x: number, box: Box, bins: number): number | undefined {
  const place = (x - box.left) / box.width;
  return place < 0 || place > 1 || bins === 0 ? undefined : Math.min(bins - 1, Math.floor(place * bins));
}

/** How a layer is filled. */
export type Paint = string | CanvasPattern;

/** Fill the layers as steps; `end` is the value at the top of the box. */
export function paintStack(
  ctx: CanvasRenderingContext2D,
  tops: readonly Float64Array[],
  box: Box,
  end: number,
  paints: readonly Paint[],
): void {
  const bins = tops[0]?.length ?? 0;
  const step = box.width / bins;
  const bottom = box.top + box.height;
  const y = (value: number) => bottom - (value / end) * box.height;
  tops.forEach((top, layer) => {
    const below = tops[layer - 1];
    if (!top.some((value, i) => value > (below?.[i] ?? 0) + 1e-4)) return;
    ctx.beginPath();
    ctx.moveTo(box.left, y(top[0]));
    for (let i = 0; i < bins; i++) {
      ctx.lineTo(box.left + i * step, y(top[i]));
      ctx.lineTo(box.left + (i + 1) * step, y(top[i]));
    }
    for (let i = bins - 1; i >= 0; i--) {
      ctx.lineTo(box.left + (i + 1) * step, y(below?.[i] ?? 0));
      ctx.lineTo(box.left + i * step, y(below?.[i] ?? 0));
    }
    ctx.closePath();
    ctx.fillStyle = paints[layer];
    ctx.fill();
  });
}
