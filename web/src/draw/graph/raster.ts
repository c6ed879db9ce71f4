import { type Camera, type Size, seen } from "@/draw/graph/camera";
import type { Layout } from "@/draw/graph/layout";

/** How nodes are painted as pixels: colours (0xAABBGGRR) by state, and the order of states, the most urgent last. */
export interface Dyes {
  colour: Uint32Array;
  /** The same, for nodes off the path that is shown. */
  pale: Uint32Array;
  /** States for which a node is never smaller than a few pixels. */
  urgent: Uint8Array;
}

/** What is failed has to be seen however many nodes there are. */
const LEAST_URGENT_PX = 4;

/**
 * Paint nodes into the pixels of a window. The cost follows the number of nodes and of pixels, not that of shapes, so
 * that 100,000 nodes are some milliseconds. Urgent nodes come last, over the others.
 */
export function raster(
  pixels: Uint32Array,
  window: Size,
  layout: Layout,
  states: Uint8Array,
  camera: Camera,
  dyes: Dyes,
  path?: Uint8Array,
): void {
  pixels.fill(0);
  const urgent: number[] = [];
  const { left, top } = seen(camera, window);
  const w = Math.max(1, Math.round(layout.w * camera.k));
  const h = Math.max(1, Math.round(layout.h * camera.k));
  const tile = (node: number, w: number, h: number) => {
    const colours = !path || path[node] ? dyes.colour : dyes.pale;
    const x = Math.round((layout.x[node] - left) * camera.k - w / 2);
    const y = Math.round((layout.y[node] - top) * camera.k - h / 2);
    block(pixels, window, x, y, w, h, colours[states[node]]);
  };
  for (let node = 0; node < states.length; node++) {
    if (dyes.urgent[states[node]]) urgent.push(node);
    else tile(node, w, h);
  }
  for (const node of urgent) tile(node, Math.max(LEAST_URGENT_PX, w), Math.max(LEAST_URGENT_PX, h));
}

function block(pixels: Uint32Array, window: Size, x: number, y: number, w: number, h: number, colour: number): void {
  if (w === 1 && h === 1) {
    if (x >= 0 && y >= 0 && x < window.width && y < window.height) pixels[y * window.width + x] = colour;
    return;
  }
  const from = Math.max(0, x);
  const to = Math.min(window.width, x + w);
  if (from >= to) return;
  for (let row = Math.max(0, y); row < Math.min(window.height, y + h); row++) {
    pixels.fill(colour, row * window.width + from, row * window.width + to);
  }
}

/** A colour `#rgb` or `#rrggbb` as a pixel. */
export function pixelOf(hex: string): number {
  const [r, g, b] = channelsOf(hex);
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** A colour between two, as `#rrggbb`; `share` of the second. */
export function mixed(one: string, other: string, share: number): string {
  const to = channelsOf(other);
  const parts = channelsOf(one).map((from, at) => Math.round(from + (to[at] - from) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Red, green and blue from 0 to 255. A build shortens `#ffffff` to `#fff`. */
function channelsOf(hex: string): [number, number, number] {
  const long = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const value = Number.parseInt(long.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
