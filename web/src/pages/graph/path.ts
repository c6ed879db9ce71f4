import { reach } from "@/draw/graph/neighbours";
import type { Scene } from "@/draw/graph/scene";
import type { Way } from "@/pages/graph/search";

/** 1 for each node on the path that is lit: the chosen one with all before it, all after it, or both. */
export function pathOf(scene: Scene, chosen: number, way: Way | undefined): Uint8Array | undefined {
  if (chosen < 0 || way === undefined) return undefined;
  const mask = new Uint8Array(scene.shape.count);
  if (way !== "down") reach(scene.up, chosen, mask);
  if (way !== "up") reach(scene.down, chosen, mask);
  return mask;
}
