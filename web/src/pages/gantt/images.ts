/** Canvases that are painted once for each picture, and stretched from then on. */

import type { Layout } from "@/draw/gantt/layout";
import { heatPixels } from "@/draw/gantt/paintHeat";
import { paintAreas } from "@/draw/gantt/paintLanes";
import type { Lanes } from "@/draw/gantt/picture";

function blank(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  return [canvas, canvas.getContext("2d")];
}

/** The areas of lanes. */
export function areasImage(lanes: Lanes, peaks: Float32Array, layout: Layout, colour: string): HTMLCanvasElement {
  const [canvas, context] = blank(lanes.bins, layout.height);
  if (context) {
    context.fillStyle = colour;
    paintAreas(context, lanes, peaks, layout);
  }
  return canvas;
}

/** The strips of machines, a pixel high each. */
export function heatImage(lanes: Lanes, order: number[], most: number, colour: string): HTMLCanvasElement {
  const [canvas, context] = blank(lanes.bins, order.length);
  if (order.length > 0) {
    context?.putImageData(new ImageData(heatPixels(lanes, order, most, colour), lanes.bins, order.length), 0, 0);
  }
  return canvas;
}
