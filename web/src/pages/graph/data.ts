/** What the service told of a graph, in the form that is drawn and listed. */

import type { Picture, TextColumn } from "@/api/columns";
import type { WorkflowStatus } from "@/api/schema";
import type { Shape } from "@/draw/graph/neighbours";
import { barOf } from "@/words/counts";

export interface GraphData {
  sort: "jobs" | "groups";
  shape: Shape;
  /** Name of a node: of the job, of what the group runs, of the workflow. */
  name(node: number): string;
  /** What a job runs; empty for groups. */
  kind(node: number): string;
  /** What tells a node apart from all others; stands in the address. */
  key(node: number): string;
  stateNames: string[];
  /** State of each node; of a group the most urgent of its jobs. */
  states: Uint8Array;
  /** Of groups: jobs in each state, a row for each group, and all jobs of each. */
  parts?: Uint32Array;
  sizes?: Uint32Array;
  /** Jobs behind an edge of groups. */
  weight?: Uint32Array;
  /** Level of a group, where it was folded by it. */
  level?: Uint32Array;
  /** uuid of the workflow that a node stands for. */
  nested: Map<number, string>;
  /** There is more than is shown. */
  cut: boolean;
}

/** States from the most to the least urgent: the first that a group has is its own. */
export const URGENCY = [
  "failed",
  "held",
  "running",
  "pre",
  "post",
  "idle",
  "queued",
  "ready",
  "futile",
  "unready",
  "service",
  "done",
];

/** The graph of jobs or groups in a picture. `below` are the workflows of jobs that have one. */
export function dataOf(picture: Picture, below: readonly WorkflowStatus[], fold: string): GraphData {
  return picture.level === "jobs" ? jobsOf(picture, below) : groupsOf(picture, fold === "level");
}

function shapeOf(picture: Picture): Shape {
  const { nodes, edges } = picture.tables;
  return {
    count: nodes.rows,
    parent: (edges?.columns.parent ?? new Uint32Array()) as Uint32Array,
    child: (edges?.columns.child ?? new Uint32Array()) as Uint32Array,
  };
}

function jobsOf(picture: Picture, below: readonly WorkflowStatus[]): GraphData {
  const { columns, rows } = picture.tables.nodes;
  const job = columns.job as TextColumn;
  const kind = columns.kind as Uint32Array;
  const kinds = picture.facts.kinds as string[];
  const nested = new Map<number, string>();
  const uuids = new Map(below.map((one) => [one.parent_job ?? "", one.wf_uuid]));
  if (uuids.size > 0) {
    for (let node = 0; node < rows; node++) {
      const uuid = uuids.get(job.at(node));
      if (uuid) nested.set(node, uuid);
    }
  }
  return {
    sort: "jobs",
    shape: shapeOf(picture),
    name: (node) => job.at(node),
    key: (node) => job.at(node),
    kind: (node) => kinds[kind[node]] ?? "",
    stateNames: picture.facts.states as string[],
    states: columns.state as Uint8Array,
    nested,
    cut: picture.facts.cut === true,
  };
}

function groupsOf(picture: Picture, byLevel: boolean): GraphData {
  const { columns } = picture.tables.nodes;
  const kinds = picture.facts.kinds as string[];
  const kind = columns.kind as Uint32Array;
  const level = columns.level as Uint32Array;
  const stateNames = picture.facts.states as string[];
  const parts = partsOf(picture);
  const name = (node: number) => kinds[kind[node]] ?? "";
  return {
    sort: "groups",
    shape: shapeOf(picture),
    name,
    key: byLevel ? (node) => `${name(node)} @${level[node]}` : name,
    kind: () => "",
    stateNames,
    states: worstOf(parts, stateNames),
    parts,
    sizes: columns.jobs as Uint32Array,
    weight: picture.tables.edges.columns.count as Uint32Array,
    nested: new Map(),
    cut: false,
    ...(byLevel ? { level } : {}),
  };
}

/** Jobs by state, a row for each group. */
function partsOf(picture: Picture): Uint32Array {
  const { columns, rows } = picture.tables.nodes;
  const names = picture.facts.states as string[];
  const parts = new Uint32Array(rows * names.length);
  names.forEach((name, state) => {
    const column = columns[name] as Uint32Array;
    for (let row = 0; row < rows; row++) parts[row * names.length + state] = column[row];
  });
  return parts;
}

/** The most urgent state of each group. */
export function worstOf(parts: Uint32Array, stateNames: string[]): Uint8Array {
  const order = URGENCY.map((name) => stateNames.indexOf(name)).filter((state) => state >= 0);
  return Uint8Array.from({ length: parts.length / stateNames.length }, (_, row) => {
    const found = order.find((state) => parts[row * stateNames.length + state] > 0);
    return found ?? order[order.length - 1];
  });
}

/** The workflows of a tree as groups of their jobs; edges lead to sub-workflows. */
export function treeOf(workflows: readonly WorkflowStatus[]): GraphData {
  const row = new Map(workflows.map((one, at) => [one.wf_uuid, at]));
  const edges = workflows.flatMap((one, at): [number, number][] => {
    const parent = one.parent_wf_uuid === null ? undefined : row.get(one.parent_wf_uuid);
    return parent === undefined || parent === at ? [] : [[parent, at]];
  });
  const stateNames = [...URGENCY];
  const parts = new Uint32Array(workflows.length * stateNames.length);
  workflows.forEach((one, at) => {
    for (const [state, n] of barOf(one)) parts[at * stateNames.length + stateNames.indexOf(state)] += Math.max(0, n);
  });
  return {
    sort: "groups",
    shape: {
      count: workflows.length,
      parent: Uint32Array.from(edges, ([parent]) => parent),
      child: Uint32Array.from(edges, ([, child]) => child),
    },
    name: (node) => workflows[node].label ?? workflows[node].dag ?? workflows[node].wf_uuid,
    key: (node) => workflows[node].wf_uuid,
    kind: () => "",
    stateNames,
    states: worstOf(parts, stateNames),
    parts,
    sizes: Uint32Array.from(workflows, (one) => one.nodes.total),
    nested: new Map(workflows.map((one, at) => [at, one.wf_uuid])),
    cut: false,
  };
}

/** The same graph with the states of a later answer of `…/graph/states`; nothing is moved. */
export function withStates(data: GraphData, picture: Picture): GraphData {
  const { columns } = picture.tables.nodes;
  if (data.sort === "jobs") {
    const states = columns.state as Uint8Array;
    if (states.length >= data.states.length) return { ...data, states: states.subarray(0, data.states.length) };
    return data;
  }
  const kinds = picture.facts.kinds as string[];
  const kind = columns.kind as Uint32Array;
  const rowOf = new Map(Array.from(kind, (one, row) => [kinds[one], row]));
  const fresh = partsOf(picture);
  const jobs = columns.jobs as Uint32Array;
  const width = data.stateNames.length;
  const parts = data.parts!.slice();
  const sizes = data.sizes!.slice();
  for (let node = 0; node < data.shape.count; node++) {
    const row = rowOf.get(data.name(node));
    if (row === undefined) continue;
    parts.set(fresh.subarray(row * width, (row + 1) * width), node * width);
    sizes[node] = jobs[row];
  }
  return { ...data, parts, sizes, states: worstOf(parts, data.stateNames) };
}

/** Jobs in each state, by its name, over all nodes; states that none is in are left out. */
export function totalsOf({ states, parts, stateNames }: GraphData): Map<string, number> {
  const sums = new Uint32Array(stateNames.length);
  if (parts) for (let at = 0; at < parts.length; at++) sums[at % stateNames.length] += parts[at];
  else for (const state of states) sums[state] += 1;
  return new Map(stateNames.map((name, state): [string, number] => [name, sums[state]]).filter(([, n]) => n > 0));
}

/** The node of this key; -1 where there is none. */
export function nodeOf(data: GraphData, key: string | undefined): number {
  if (key === undefined) return -1;
  for (let node = 0; node < data.shape.count; node++) if (data.key(node) === key) return node;
  return -1;
}
