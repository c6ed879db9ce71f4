/** The axes around a picture over time, and patterns for what must not hang on a hue alone. */

import type { Mark } from "@/draw/charts/scale";
import type { Box } from "@/draw/charts/stack";

/** Colours of an axis. */
export interface Ink {
  text: string;
  line: string;
  font: string;
}

/** Lines and labels of a value axis (to the left) and a time axis (below). */
export function paintAxes(ctx: CanvasRenderingContext2D, box: Box, values: Mark[], times: Mark[], ink: Ink): void {
  ctx.font = ink.font;
  ctx.fillStyle = ink.text;
  ctx.strokeStyle = ink.line;
  ctx.lineWidth = 1;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  const bottom = box.top + box.height;
  for (const { at, label } of values) {
    const y = Math.round(bottom - at * box.height) + 0.5;
    line(ctx, box.left, y, box.left + box.width, y);
    ctx.fillText(label, box.left - 6, y);
  }
  ctx.textBaseline = "top";
  for (const { at, label } of times) {
    const x = Math.round(box.left + at * box.width) + 0.5;
    ctx.textAlign = at > 0.97 ? "right" : at < 0.02 ? "left" : "center";
    line(ctx, x, bottom, x, bottom + 4);
    ctx.fillText(label, x, bottom + 7);
  }
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** Slanted lines of one colour on another. */
export function hatch(ctx: CanvasRenderingContext2D, colour: string, ground: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return colour;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = ground;
  pen.lineWidth = 1.4;
  pen.beginPath();
  for (const x of [-4, 4, 12]) {
    pen.moveTo(x - 4, 8 + 4);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat") ?? colour;
}
