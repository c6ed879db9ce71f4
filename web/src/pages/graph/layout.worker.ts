/** Lays out large graphs beside the page, which stays quick meanwhile. */

import { layoutOf } from "@/draw/graph/layout";
import type { Shape } from "@/draw/graph/neighbours";
import { type Scene, sceneOf } from "@/draw/graph/scene";

/** What the page wants laid out, and what it is told; numbers keep them together. */
export interface Wanted {
  number: number;
  shape: Shape;
  sort: "jobs" | "groups";
  aspect: number;
}

export interface Told {
  number: number;
  scene: Scene;
}

addEventListener("message", ({ data }: MessageEvent<Wanted>) => {
  const scene = sceneOf(data.shape, layoutOf(data.shape, data.sort, data.aspect));
  postMessage({ number: data.number, scene } satisfies Told);
});
