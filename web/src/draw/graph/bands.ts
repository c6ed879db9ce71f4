import type { Layout } from "@/draw/graph/layout";

/** A layer of an overview: where it lies, how many nodes it has, and some of them. */
export interface Band {
  left: number;
  right: number;
  top: number;
  nodes: number;
  samples: number[];
}

/** The bands of an overview, by layer. */
export function bandsOf({ x, y, w, h, layer, layers }: Layout): Band[] {
  const bands: Band[] = Array.from({ length: layers }, () => ({
    left: Number.POSITIVE_INFINITY,
    right: Number.NEGATIVE_INFINITY,
    top: Number.POSITIVE_INFINITY,
    nodes: 0,
    samples: [],
  }));
  for (let node = 0; node < layer.length; node++) {
    const band = bands[layer[node]];
    band.left = Math.min(band.left, x[node] - w / 2);
    band.right = Math.max(band.right, x[node] + w / 2);
    band.top = Math.min(band.top, y[node] - h / 2);
    band.nodes += 1;
    // every one at first, then ever more seldom
    if ((band.nodes & (band.nodes - 1)) === 0) band.samples.push(node);
  }
  return bands;
}
