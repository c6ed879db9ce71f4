import { closeUp } from "@/draw/graph/closeup";
import { mosaic } from "@/draw/graph/mosaic";
import type { Shape } from "@/draw/graph/neighbours";

/** Where everything of a graph lies, in units of the plane: middles of nodes, which are all of one size. */
export interface Layout {
  x: Float32Array;
  y: Float32Array;
  /** Width and height of a node. */
  w: number;
  h: number;
  /** The plane goes from 0 to this. */
  width: number;
  height: number;
  /** Layer of each node, and how many there are. */
  layer: Uint32Array;
  layers: number;
  /** Edges lead this way. */
  flow: "right" | "down";
  /** Close-ups: the way of edge e is `points[2 * routes[e]] … points[2 * routes[e + 1] - 1]`, x and y by turns. */
  routes?: Uint32Array;
  points?: Float32Array;
}

export interface Sizes {
  w: number;
  h: number;
  /** Room between nodes of one layer. */
  gap: number;
  /** Room between layers side by side, and one below the other: edges need less where nodes are broad and low. */
  between: number;
  below: number;
}

/** With more nodes edges are not led around nodes: it costs too much, and nobody could follow one. */
export const MOST_CLOSE = 300;

/** Boxes of groups and of jobs in a close-up; jobs in an overview are tiles. */
export const GROUP: Sizes = { w: 210, h: 58, gap: 26, between: 60, below: 34 };
export const JOB: Sizes = { w: 210, h: 30, gap: 14, between: 60, below: 36 };
export const TILE: Sizes = { w: 10, h: 10, gap: 3, between: 60, below: 60 };

/** The same graph is always laid out alike. `aspect` is the width of the window by its height. */
export function layoutOf(shape: Shape, sort: "groups" | "jobs", aspect: number): Layout {
  if (shape.count <= MOST_CLOSE) return closeUp(shape, sort === "groups" ? GROUP : JOB, aspect);
  return mosaic(shape, sort === "groups" ? GROUP : TILE, aspect);
}
