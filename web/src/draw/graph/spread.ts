import type { Neighbours } from "@/draw/graph/neighbours";
import type { Layers } from "@/draw/graph/order";

/**
 * Where the nodes of each layer lie across it: as near to the middle of their neighbours as their order and their room allow.
 *
 * `room[n]` is what node n takes; nodes from `bends` on are bends of edges, which pull harder so that long edges are
 * straight. The least place is half a room, so that nothing lies below 0.
 */
export function spread(
  layers: Layers,
  up: Neighbours,
  down: Neighbours,
  room: Float64Array,
  bends: number,
  rounds: number,
): Float64Array {
  const at = new Float64Array(room.length);
  const count = layers.first.length - 1;
  for (let layer = 0; layer < count; layer++) {
    const nodes = layers.list.subarray(layers.first[layer], layers.first[layer + 1]);
    let edge = 0;
    for (const node of nodes) {
      at[node] = edge + room[node] / 2;
      edge += room[node];
    }
    for (const node of nodes) at[node] -= edge / 2;
  }
  for (let round = 0; round < rounds; round++) {
    const forth = round % 2 === 0;
    for (let step = 0; step < count; step++) {
      const layer = forth ? step : count - 1 - step;
      const nodes = layers.list.subarray(layers.first[layer], layers.first[layer + 1]);
      const wish = Float64Array.from(nodes, (node) => wished(node, forth ? up : down, at, bends));
      settle(nodes, wish, room, bends, at);
    }
  }
  let least = Number.POSITIVE_INFINITY;
  for (let node = 0; node < at.length; node++) least = Math.min(least, at[node] - room[node] / 2);
  for (let node = 0; node < at.length; node++) at[node] -= least;
  return at;
}

function pull(node: number, other: number, bends: number): number {
  return node >= bends && other >= bends ? 8 : node >= bends || other >= bends ? 2 : 1;
}

function wished(node: number, near: Neighbours, at: Float64Array, bends: number): number {
  let sum = 0;
  let weight = 0;
  for (let place = near.first[node]; place < near.first[node + 1]; place++) {
    const other = near.list[place];
    const strength = pull(node, other, bends);
    sum += strength * at[other];
    weight += strength;
  }
  return weight ? sum / weight : at[node];
}

/**
 * The places nearest to those wished for (least squares) that keep order and room: neighbours that would overlap form a
 * block, which lies where its members together wish (pool adjacent violators).
 */
function settle(nodes: Uint32Array, wish: Float64Array, room: Float64Array, bends: number, at: Float64Array): void {
  const offset = new Float64Array(nodes.length);
  for (let i = 1; i < nodes.length; i++) offset[i] = offset[i - 1] + (room[nodes[i - 1]] + room[nodes[i]]) / 2;
  const blocks: { sum: number; weight: number; size: number }[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const weight = nodes[i] >= bends ? 2 : 1;
    let block = { sum: weight * (wish[i] - offset[i]), weight, size: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.weight >= block.sum / block.weight; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, size: last.size + block.size };
    }
    blocks.push(block);
  }
  let i = 0;
  for (const { sum, weight, size } of blocks) {
    for (const end = i + size; i < end; i++) at[nodes[i]] = sum / weight + offset[i];
  }
}
