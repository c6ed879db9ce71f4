import type { Rect } from "@/draw/graph/camera";
import type { Layout } from "@/draw/graph/layout";

/** Nodes by the square of the plane in which their middle lies, to find what is at a place or in a window. */
export interface Grid {
  side: number;
  columns: number;
  rows: number;
  first: Uint32Array;
  list: Uint32Array;
}

const PER_SQUARE = 8;

/** The index of a layout. */
export function gridOf({ x, y, w, h, width, height }: Layout): Grid {
  const squares = Math.max(1, x.length / PER_SQUARE);
  const side = Math.max(w, h, Math.sqrt((Math.max(1, width) * Math.max(1, height)) / squares));
  const columns = Math.max(1, Math.ceil(width / side));
  const rows = Math.max(1, Math.ceil(height / side));
  const square = Uint32Array.from(x, (_, node) => squareAt(x[node], y[node], side, columns, rows));
  const first = new Uint32Array(columns * rows + 1);
  for (const one of square) first[one + 1] += 1;
  for (let one = 0; one < columns * rows; one++) first[one + 1] += first[one];
  const place = first.slice();
  const list = new Uint32Array(x.length);
  for (let node = 0; node < x.length; node++) list[place[square[node]]++] = node;
  return { side, columns, rows, first, list };
}

function squareAt(x: number, y: number, side: number, columns: number, rows: number): number {
  const column = Math.min(columns - 1, Math.max(0, Math.floor(x / side)));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(y / side)));
  return row * columns + column;
}

/** The nodes of which a part may lie in the window, at most as many as `into` takes; gives how many there are at all. */
export function nodesIn(grid: Grid, { w, h }: Layout, rect: Rect, into: Uint32Array): number {
  const clampTo = (value: number, most: number) => Math.min(most, Math.max(0, Math.floor(value / grid.side)));
  const left = clampTo(rect.left - w / 2, grid.columns - 1);
  const right = clampTo(rect.right + w / 2, grid.columns - 1);
  const top = clampTo(rect.top - h / 2, grid.rows - 1);
  const bottom = clampTo(rect.bottom + h / 2, grid.rows - 1);
  let found = 0;
  for (let row = top; row <= bottom; row++) {
    const start = grid.first[row * grid.columns + left];
    const end = grid.first[row * grid.columns + right + 1];
    for (let at = start; at < end && found + at - start < into.length; at++) into[found + at - start] = grid.list[at];
    found += end - start;
  }
  return found;
}

/** The node at a place, or the nearest within `reach` of its edge; -1 for none. */
export function nodeAt(grid: Grid, layout: Layout, x: number, y: number, reach = 0): number {
  const near = new Uint32Array(4096);
  const rect = { left: x - reach, right: x + reach, top: y - reach, bottom: y + reach };
  const found = Math.min(near.length, nodesIn(grid, layout, rect, near));
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < found; at++) {
    const node = near[at];
    const dx = Math.max(0, Math.abs(layout.x[node] - x) - layout.w / 2);
    const dy = Math.max(0, Math.abs(layout.y[node] - y) - layout.h / 2);
    const away = Math.hypot(dx, dy);
    if (away <= reach && away < least) {
      best = node;
      least = away;
    }
  }
  return best;
}
