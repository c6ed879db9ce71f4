/** Pictures of bins that were painted once, a pixel for a bin, and are stretched over time: moving about costs nothing then. */

import { type Plot, scaleOf } from "@/draw/gantt/view";

/** Bins that lie side by side without a squeezed time between: their place in the picture and on the drawing, in pixels. */
export interface Piece {
  bin: number;
  bins: number;
  x: number;
  width: number;
}

/** The pieces that are seen. A bin with a squeezed time inside is a piece of its own. */
export function piecesOf(edges: Float64Array, plot: Plot): Piece[] {
  const bins = edges.length - 1;
  let narrowest = Number.POSITIVE_INFINITY;
  for (let bin = 0; bin < bins; bin += 1) narrowest = Math.min(narrowest, edges[bin + 1] - edges[bin]);
  const scale = scaleOf(plot);
  const pieces: Piece[] = [];
  let from = 0;
  for (let bin = 0; bin <= bins; bin += 1) {
    const odd = bin < bins && edges[bin + 1] - edges[bin] > narrowest * 1.001 + 1e-6;
    if (bin < bins && !odd) continue;
    if (bin > from) pieces.push(piece(from, bin, edges, scale));
    if (odd) pieces.push(piece(bin, bin + 1, edges, scale));
    from = bin + 1;
  }
  return pieces.filter((one) => one.x < plot.left + plot.width && one.x + one.width > plot.left && one.width > 0);
}

function piece(from: number, to: number, edges: Float64Array, scale: (ts: number) => number): Piece {
  const x = scale(edges[from]);
  return { bin: from, bins: to - from, x, width: scale(edges[to]) - x };
}

/** Draw part of such a picture: from `source.y` on, `source.height` of its pixels, at `y` and `height` pixels high. */
export function drawStretched(
  context: CanvasRenderingContext2D,
  image: CanvasImageSource,
  pieces: Piece[],
  source: { y: number; height: number },
  target: { y: number; height: number },
): void {
  context.imageSmoothingEnabled = false;
  for (const { bin, bins, x, width } of pieces) {
    context.drawImage(image, bin, source.y, bins, source.height, x, target.y, width, target.height);
  }
}
