import { childrenOf, type Shape } from "@/draw/graph/neighbours";

/**
 * The rank of each node: the longest way from one that waits for nothing.
 *
 * Groups may wait for each other in a circle. It is cut at the node that was reached first, always the same one; the
 * edges that lead back are then drawn backwards.
 */
export function ranksOf(shape: Shape): Uint32Array {
  const { count } = shape;
  const after = childrenOf(shape);
  const waits = waitsOf(shape);
  const rank = new Uint32Array(count);
  const done = new Uint8Array(count);
  const queue = new Uint32Array(count);
  let filled = 0;
  const take = (node: number) => {
    done[node] = 1;
    queue[filled++] = node;
  };
  for (let node = 0; node < count; node++) if (!waits[node]) take(node);
  const cut = circleCutter(count, done);
  for (let at = 0; at < count; at++) {
    if (at === filled) take(cut.next());
    const node = queue[at];
    for (let place = after.first[node]; place < after.first[node + 1]; place++) {
      const other = after.list[place];
      if (done[other]) continue;
      rank[other] = Math.max(rank[other], rank[node] + 1);
      waits[other] -= 1;
      if (waits[other] === 0) take(other);
      else cut.touch(other);
    }
  }
  return rank;
}

/** How many each node waits for, itself left out. */
function waitsOf({ count, parent, child }: Shape): Uint32Array {
  const waits = new Uint32Array(count);
  for (let edge = 0; edge < child.length; edge++) if (parent[edge] !== child[edge]) waits[child[edge]] += 1;
  return waits;
}

/** Which node comes next when all that are left wait in circles: one that was reached, else the first of all. */
function circleCutter(count: number, done: Uint8Array): { touch(node: number): void; next(): number } {
  const touched = new Uint8Array(count);
  const reached: number[] = [];
  let at = 0;
  let first = 0;
  return {
    touch(node) {
      if (touched[node]) return;
      touched[node] = 1;
      reached.push(node);
    },
    next() {
      while (at < reached.length && done[reached[at]]) at += 1;
      if (at < reached.length) return reached[at];
      while (done[first]) first += 1;
      return first;
    },
  };
}
