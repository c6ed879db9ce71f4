import type { Neighbours } from "@/draw/graph/neighbours";

/** Nodes by layer: layer l has `list[first[l]] … list[first[l + 1] - 1]`, in the order in which they are drawn. */
export interface Layers {
  first: Uint32Array;
  list: Uint32Array;
}

/** Nodes by rank, in the order of their numbers. */
export function layersOf(rank: Uint32Array): Layers {
  let layers = 0;
  for (const one of rank) layers = Math.max(layers, one + 1);
  const first = new Uint32Array(layers + 1);
  for (const one of rank) first[one + 1] += 1;
  for (let layer = 0; layer < layers; layer++) first[layer + 1] += first[layer];
  const place = first.slice();
  const list = new Uint32Array(rank.length);
  for (let node = 0; node < rank.length; node++) list[place[rank[node]]++] = node;
  return { first, list };
}

/**
 * Put each layer in the order of the middle of its nodes' neighbours, back and forth: few edges cross then.
 * Changes `layers.list`. The place of a node in its layer counts from 0 to 1, so that layers of any size compare.
 */
export function sweep(layers: Layers, up: Neighbours, down: Neighbours, times: number): void {
  const place = new Float64Array(layers.list.length);
  const count = layers.first.length - 1;
  for (let layer = 0; layer < count; layer++) settle(layers, layer, place);
  for (let time = 0; time < times; time++) {
    const forth = time % 2 === 0;
    for (let step = 0; step < count; step++) {
      const layer = forth ? step : count - 1 - step;
      sortLayer(layers, layer, forth ? up : down, place);
      settle(layers, layer, place);
    }
  }
}

function settle({ first, list }: Layers, layer: number, place: Float64Array): void {
  const size = first[layer + 1] - first[layer];
  for (let at = 0; at < size; at++) place[list[first[layer] + at]] = (at + 0.5) / size;
}

/** Numbers are sorted four times as fast as objects: a key has the middle in its high bits, the place in its low ones. */
const LOW = 2 ** 22;
const HIGH = 2 ** 30;

function sortLayer({ first, list }: Layers, layer: number, near: Neighbours, place: Float64Array): void {
  const nodes = list.slice(first[layer], first[layer + 1]);
  if (nodes.length < 2) return;
  const keys = new Float64Array(nodes.length);
  for (let at = 0; at < nodes.length; at++) {
    keys[at] = Math.floor(middle(nodes[at], near, place) * HIGH) * LOW + at;
  }
  keys.sort();
  for (let at = 0; at < keys.length; at++) list[first[layer] + at] = nodes[keys[at] % LOW];
}

function middle(node: number, near: Neighbours, place: Float64Array): number {
  const start = near.first[node];
  const end = near.first[node + 1];
  if (start === end) return place[node];
  let sum = 0;
  for (let at = start; at < end; at++) sum += place[near.list[at]];
  return sum / (end - start);
}
