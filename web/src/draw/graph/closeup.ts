import { type Chains, chainsOf } from "@/draw/graph/chains";
import type { Layout, Sizes } from "@/draw/graph/layout";
import { type Neighbours, neighboursOf, type Shape } from "@/draw/graph/neighbours";
import { type Layers, layersOf, sweep } from "@/draw/graph/order";
import { ranksOf } from "@/draw/graph/rank";
import { spread } from "@/draw/graph/spread";

const SWEEPS = 12;
const ROUNDS = 12;
/** A bend of an edge takes less room than a node. */
const BEND = 0.3;

/**
 * The close-up of few nodes: edges are led between nodes, by bends in every layer that they cross.
 * Layers lead to the right or down, whichever shows the whole larger in the window.
 */
export function closeUp(shape: Shape, sizes: Sizes, aspect: number): Layout {
  const chains = chainsOf(shape, ranksOf(shape));
  const layers = layersOf(chains.rank);
  const up = neighboursOf(chains.rank.length, chains.child, chains.parent);
  const down = neighboursOf(chains.rank.length, chains.parent, chains.child);
  sweep(layers, up, down, SWEEPS);
  const right = laid(shape, chains, layers, up, down, sizes, "right");
  const below = laid(shape, chains, layers, up, down, sizes, "down");
  return scaleIn(right, aspect) >= scaleIn(below, aspect) ? right : below;
}

/** How large the whole can be shown in a window of height 1. */
function scaleIn({ width, height }: Layout, aspect: number): number {
  return Math.min(aspect / width, 1 / height);
}

function laid(
  shape: Shape,
  chains: Chains,
  layers: Layers,
  up: Neighbours,
  down: Neighbours,
  sizes: Sizes,
  flow: "right" | "down",
): Layout {
  const size = flow === "right" ? sizes.h : sizes.w;
  const long = flow === "right" ? sizes.w : sizes.h;
  const room = new Float64Array(chains.rank.length).fill(size + sizes.gap);
  room.fill(size * (flow === "right" ? BEND : BEND / 3) + sizes.gap, shape.count);
  const across = spread(layers, up, down, room, shape.count, ROUNDS);
  const between = flow === "right" ? sizes.between : sizes.below;
  const step = long + between;
  const along = Float64Array.from(chains.rank, (rank) => rank * step + long / 2);
  const extent = across.reduce((most, one, at) => Math.max(most, one + room[at] / 2), size);
  const depth = (layers.first.length - 1) * step - between;
  const [x, y] = flow === "right" ? [along, across] : [across, along];
  return {
    x: Float32Array.from(x.subarray(0, shape.count)),
    y: Float32Array.from(y.subarray(0, shape.count)),
    w: sizes.w,
    h: sizes.h,
    width: flow === "right" ? depth : extent,
    height: flow === "right" ? extent : depth,
    layer: chains.rank.slice(0, shape.count),
    layers: layers.first.length - 1,
    flow,
    ...routed(shape, chains, x, y, long / 2, flow),
  };
}

/** The way of each edge: out of its parent, through its bends, into its child. */
function routed(
  shape: Shape,
  chains: Chains,
  x: Float64Array,
  y: Float64Array,
  half: number,
  flow: "right" | "down",
): { routes: Uint32Array; points: Float32Array } {
  const edges = shape.parent.length;
  const routes = new Uint32Array(edges + 1);
  const points: number[] = [];
  const put = (node: number, off: number) =>
    points.push(x[node] + (flow === "right" ? off : 0), y[node] + (flow === "right" ? 0 : off));
  for (let edge = 0; edge < edges; edge++) {
    const off = chains.back[edge] ? -half : half;
    put(shape.parent[edge], off);
    for (const bend of bendsOf(chains, edge)) {
      // straight through the layer of the bend, as broad as its nodes
      put(bend, -off);
      put(bend, off);
    }
    put(shape.child[edge], -off);
    routes[edge + 1] = points.length / 2;
  }
  return { routes, points: Float32Array.from(points) };
}

/** The bends of an edge on its way from parent to child. */
function bendsOf({ first, back }: Chains, edge: number): number[] {
  const bends = Array.from({ length: first[edge + 1] - first[edge] }, (_, at) => first[edge] + at);
  return back[edge] ? bends.reverse() : bends;
}
