import type { Layout } from "@/draw/graph/layout";
import type { Shape } from "@/draw/graph/neighbours";

/** Edges that begin near each other and end near each other, drawn as one: x and y of both ends, and how many they are. */
export interface Bundles {
  ends: Float32Array;
  count: Uint32Array;
  /** The most edges of one bundle. */
  most: number;
}

const BUNDLES_WANTED = 2500;
const MOST_BINS = 40;

/** The bundles of a graph, the thickest last. Each layer is cut into as many bins as keep their number small. */
export function bundlesOf({ parent, child }: Shape, layout: Layout): Bundles {
  const bins = Math.max(2, Math.min(MOST_BINS, Math.floor(BUNDLES_WANTED / Math.max(1, layout.layers) / 3)));
  const bin = Uint32Array.from(layout.layer, (layer, node) => {
    const across = layout.flow === "right" ? layout.y[node] / layout.height : layout.x[node] / layout.width;
    return layer * bins + Math.min(bins - 1, Math.max(0, Math.floor(across * bins)));
  });
  const total = layout.layers * bins;
  const found = new Map<number, { at: Float64Array; n: number }>();
  for (let edge = 0; edge < parent.length; edge++) {
    const [p, c] = [parent[edge], child[edge]];
    if (p === c) continue;
    const key = bin[p] * total + bin[c];
    let bundle = found.get(key);
    if (!bundle) {
      bundle = { at: new Float64Array(4), n: 0 };
      found.set(key, bundle);
    }
    bundle.n += 1;
    bundle.at[0] += layout.x[p];
    bundle.at[1] += layout.y[p];
    bundle.at[2] += layout.x[c];
    bundle.at[3] += layout.y[c];
  }
  const sorted = [...found.values()].sort((a, b) => a.n - b.n).slice(-BUNDLES_WANTED);
  const ends = new Float32Array(4 * sorted.length);
  sorted.forEach(({ at, n }, row) => {
    for (let i = 0; i < 4; i++) ends[4 * row + i] = at[i] / n;
  });
  return { ends, count: Uint32Array.from(sorted, ({ n }) => n), most: sorted.at(-1)?.n ?? 0 };
}
