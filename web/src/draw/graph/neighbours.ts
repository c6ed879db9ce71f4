/** Who is next to whom in a graph, over typed arrays: node n has `list[first[n]] … list[first[n + 1] - 1]`. */
export interface Neighbours {
  first: Uint32Array;
  list: Uint32Array;
}

/** A graph as it comes over the wire: edge e leads from `parent[e]` to `child[e]`, both below `count`. */
export interface Shape {
  count: number;
  parent: Uint32Array;
  child: Uint32Array;
}

/** The nodes that `to` names for each in `from`, in the order of the edges. */
export function neighboursOf(count: number, from: Uint32Array, to: Uint32Array): Neighbours {
  const first = new Uint32Array(count + 1);
  for (const node of from) first[node + 1] += 1;
  for (let node = 0; node < count; node++) first[node + 1] += first[node];
  const place = first.slice();
  const list = new Uint32Array(to.length);
  for (let edge = 0; edge < from.length; edge++) {
    list[place[from[edge]]] = to[edge];
    place[from[edge]] += 1;
  }
  return { first, list };
}

export const childrenOf = ({ count, parent, child }: Shape): Neighbours => neighboursOf(count, parent, child);
export const parentsOf = ({ count, parent, child }: Shape): Neighbours => neighboursOf(count, child, parent);

/** Add to `mask` (1 for each) the start and all that can be reached from it. Circles are walked once. */
export function reach(next: Neighbours, start: number, mask: Uint8Array): Uint8Array {
  const waiting = [start];
  mask[start] = 1;
  const seen = new Uint8Array(mask.length);
  seen[start] = 1;
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (let at = next.first[node]; at < next.first[node + 1]; at++) {
      const other = next.list[at];
      if (seen[other]) continue;
      seen[other] = 1;
      mask[other] = 1;
      waiting.push(other);
    }
  }
  return mask;
}

/** Whether two graphs are drawn alike, so that places may stay while states change. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.count === b.count && equal(a.parent, b.parent) && equal(a.child, b.child);
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
