import type { Layout, Sizes } from "@/draw/graph/layout";
import { childrenOf, parentsOf, type Shape } from "@/draw/graph/neighbours";
import { type Layers, layersOf, sweep } from "@/draw/graph/order";
import { ranksOf } from "@/draw/graph/rank";

const SWEEPS = 4;
/** Room between bands for edges to be seen, by the height of a band. */
const WIDTH_OF_GAP = 0.06;

/**
 * The overview of any number of nodes: layers from left to right as bands of tiles, in lines like text when there are many.
 *
 * A band keeps the order of its layer from top to bottom, so that edges lead about straight to the right; a layer too
 * high for the band takes more columns. The picture gets about the aspect of the window.
 */
export function mosaic(shape: Shape, sizes: Sizes, aspect: number): Layout {
  const rank = ranksOf(shape);
  const layers = layersOf(rank);
  sweep(layers, parentsOf(shape), childrenOf(shape), SWEEPS);
  const pitch = { x: sizes.w + sizes.gap, y: sizes.h + sizes.gap };
  const plan = planOf(layers, pitch, sizes.between, aspect);
  const x = new Float32Array(shape.count);
  const y = new Float32Array(shape.count);
  for (let layer = 0; layer + 1 < layers.first.length; layer++) placeBand(layers, layer, plan, pitch, x, y);
  return {
    x, y, w: sizes.w, h: sizes.h, width: plan.width, height: plan.height, layer: rank,
    layers: layers.first.length - 1, flow: "right",
  }; // biome-ignore format: one thing a line would say no more
}

interface Plan {
  /** Tiles of a column at most. */
  rows: number;
  /** Where bands begin. */
  left: Float64Array;
  top: Float64Array;
  columns: Uint32Array;
  /** From one line of bands to the next. */
  line: number;
  width: number;
  height: number;
}

interface Pitch {
  x: number;
  y: number;
}

/** The lowest bands with which the whole is no wider than the window; of plans with more lines the one that fits best. */
function planOf(layers: Layers, pitch: Pitch, between: number, aspect: number): Plan {
  let high = 1;
  for (let layer = 0; layer + 1 < layers.first.length; layer++) {
    high = Math.max(high, layers.first[layer + 1] - layers.first[layer]);
  }
  let low = 1;
  while (low < high) {
    const rows = (low + high) >> 1;
    const plan = linesOf(layers, rows, pitch, between, Number.POSITIVE_INFINITY);
    if (plan.width <= aspect * plan.height) high = rows;
    else low = rows + 1;
  }
  const plan = linesOf(layers, low, pitch, between, Number.POSITIVE_INFINITY);
  if (plan.width <= 2 * aspect * plan.height) return plan;
  // even one layer a column is too wide: break it into lines
  return linesOf(layers, low, pitch, between, Math.sqrt(plan.width * plan.line * aspect));
}

function linesOf(layers: Layers, rows: number, pitch: Pitch, between: number, most: number): Plan {
  const count = layers.first.length - 1;
  const band = rows * pitch.y;
  // low bands lie close: a chain would be all gaps else
  const near = Math.min(between, pitch.y + 0.4 * band);
  const gap = Math.max(near, WIDTH_OF_GAP * band);
  const plan: Plan = {
    rows,
    left: new Float64Array(count),
    top: new Float64Array(count),
    columns: new Uint32Array(count),
    line: band + near,
    width: 0,
    height: band,
  };
  let left = 0;
  let top = 0;
  for (let layer = 0; layer < count; layer++) {
    const columns = Math.max(1, Math.ceil((layers.first[layer + 1] - layers.first[layer]) / rows));
    const width = columns * pitch.x;
    if (left > 0 && left + width > most) {
      left = 0;
      top += plan.line;
    }
    plan.left[layer] = left;
    plan.top[layer] = top;
    plan.columns[layer] = columns;
    plan.width = Math.max(plan.width, left + width);
    left += width + gap;
  }
  plan.height = top + band;
  return plan;
}

function placeBand(layers: Layers, layer: number, plan: Plan, pitch: Pitch, x: Float32Array, y: Float32Array): void {
  const start = layers.first[layer];
  const size = layers.first[layer + 1] - start;
  const columns = plan.columns[layer];
  const rows = Math.ceil(size / columns);
  const step = (plan.rows * pitch.y) / rows;
  for (let at = 0; at < size; at++) {
    const node = layers.list[start + at];
    x[node] = plan.left[layer] + ((at % columns) + 0.5) * pitch.x;
    y[node] = plan.top[layer] + (Math.floor(at / columns) + 0.5) * step;
  }
}
