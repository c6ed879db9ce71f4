import type { Shape } from "@/draw/graph/neighbours";

/**
 * Edges over several layers as chains of short ones. Bends come after the nodes; edge e has those from `first[e]` to
 * `first[e + 1] - 1`, from its upper end to its lower. `back` tells edges that lead to an earlier layer.
 */
export interface Chains {
  rank: Uint32Array;
  parent: Uint32Array;
  child: Uint32Array;
  first: Uint32Array;
  back: Uint8Array;
}

/** More bends would make a knot of which nobody sees an end: edges as long as that are drawn straight. */
const MOST_BENDS = 6000;

/** Cut the edges of a ranked graph into pieces of one layer each. */
export function chainsOf({ count, parent, child }: Shape, rank: Uint32Array): Chains {
  const edges = parent.length;
  const back = new Uint8Array(edges);
  const first = new Uint32Array(edges + 1).fill(count);
  const ranks = Array.from(rank);
  const from: number[] = [];
  const to: number[] = [];
  const longest = longestAllowed(parent, child, rank);
  for (let edge = 0; edge < edges; edge++) {
    const [p, c] = [parent[edge], child[edge]];
    if (rank[c] < rank[p]) back[edge] = 1;
    const [upper, lower] = back[edge] ? [c, p] : [p, c];
    let last = upper;
    if (rank[lower] - rank[upper] <= longest) {
      for (let layer = rank[upper] + 1; layer < rank[lower]; layer++) {
        from.push(last);
        last = ranks.push(layer) - 1;
        to.push(last);
      }
    }
    if (rank[lower] > rank[upper]) {
      from.push(last);
      to.push(lower);
    }
    first[edge + 1] = ranks.length;
  }
  return { rank: Uint32Array.from(ranks), parent: Uint32Array.from(from), child: Uint32Array.from(to), first, back };
}

/** How many layers an edge may cross so that all bends together are not too many. */
function longestAllowed(parent: Uint32Array, child: Uint32Array, rank: Uint32Array): number {
  const spans = Array.from(parent, (p, edge) => Math.abs(rank[child[edge]] - rank[p])).sort((a, b) => a - b);
  let bends = 0;
  for (const span of spans) {
    bends += Math.max(0, span - 1);
    if (bends > MOST_BENDS) return span - 1;
  }
  return Number.POSITIVE_INFINITY;
}
