import type { Content } from "@/draw/graph/scene";
import type { GraphData } from "@/pages/graph/data";
import { clean, plural } from "@/words/format";

/** What is drawn in the boxes of a graph. */
export function contentOf(data: GraphData): Content {
  const nested = new Uint8Array(data.shape.count);
  for (const node of data.nested.keys()) nested[node] = 1;
  return {
    states: data.states,
    stateCount: data.stateNames.length,
    label: (node) => clean(data.name(node)),
    note: (node) => noteOf(data, node),
    ...(data.parts ? { parts: data.parts } : {}),
    ...(data.weight ? { weight: data.weight } : {}),
    ...(data.sort === "jobs" ? { nested } : {}),
  };
}

/** `1,200 jobs · level 3` of a group; what a job runs. */
export function noteOf(data: GraphData, node: number): string {
  if (!data.sizes) return clean(data.kind(node));
  const level = data.level ? ` · level ${data.level[node]}` : "";
  return `${plural(data.sizes[node], "job")}${level}`;
}

/** Jobs of a node by state, in words: `12 done, 3 failed`. */
export function partsOf(data: GraphData, node: number): [state: string, n: number][] {
  const width = data.stateNames.length;
  if (!data.parts) return [[data.stateNames[data.states[node]], 1]];
  return data.stateNames
    .map((name, state): [string, number] => [name, data.parts![node * width + state]])
    .filter(([, n]) => n > 0);
}
