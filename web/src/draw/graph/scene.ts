import { type Band, bandsOf } from "@/draw/graph/bands";
import type { Bundles } from "@/draw/graph/bundles";
import { bundlesOf } from "@/draw/graph/bundles";
import type { Grid } from "@/draw/graph/grid";
import { gridOf } from "@/draw/graph/grid";
import type { Layout } from "@/draw/graph/layout";
import { childrenOf, type Neighbours, parentsOf, type Shape } from "@/draw/graph/neighbours";

/** What stays of a picture while states change: who waits for whom, where each lies, and how to find it. */
export interface Scene {
  shape: Shape;
  layout: Layout;
  grid: Grid;
  up: Neighbours;
  down: Neighbours;
  /** For pictures whose edges have no routes. */
  bundles?: Bundles;
  /** Of those too: the bands of layers. */
  bands?: Band[];
}

/** The indexes of a layout. */
export function sceneOf(shape: Shape, layout: Layout): Scene {
  const found = { shape, layout, grid: gridOf(layout), up: parentsOf(shape), down: childrenOf(shape) };
  return layout.routes ? found : { ...found, bundles: bundlesOf(shape, layout), bands: bandsOf(layout) };
}

/** What nodes say, and how they stand now. */
export interface Content {
  /** State of each node by number; of a group the most urgent of its jobs. */
  states: Uint8Array;
  /** Of groups: jobs in each state, a row of `stateCount` for each node. */
  parts?: Uint32Array;
  stateCount: number;
  label(node: number): string;
  /** A second line, of groups; what a job runs. */
  note(node: number): string;
  /** Jobs behind an edge between groups. */
  weight?: Uint32Array;
  /** 1: stands for a workflow of its own. */
  nested?: Uint8Array;
}

/** What is pointed at, chosen, and lit; -1 for none. */
export interface Marks {
  hover: number;
  chosen: number;
  path?: Uint8Array;
}
