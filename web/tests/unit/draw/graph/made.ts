import type { Shape } from "@/draw/graph/neighbours";

/** A graph of so many nodes with these edges. */
export function shapeOf(count: number, edges: [parent: number, child: number][]): Shape {
  return {
    count,
    parent: Uint32Array.from(edges, ([parent]) => parent),
    child: Uint32Array.from(edges, ([, child]) => child),
  };
}

/** A number from 0 to below 1, always the same ones in the same order. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A random graph without circles, nodes in an order that tells nothing. */
export function randomShape(seed: number, count: number, edges: number): Shape {
  const roll = dice(seed);
  const name = Array.from({ length: count }, (_, node) => node).sort(() => roll() - 0.5);
  const made: [number, number][] = [];
  for (let edge = 0; edge < edges; edge++) {
    const a = Math.floor(roll() * count);
    const b = Math.floor(roll() * count);
    if (a !== b) made.push([name[Math.min(a, b)], name[Math.max(a, b)]]);
  }
  return shapeOf(count, made);
}
