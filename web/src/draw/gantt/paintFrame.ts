/** What stands around bars and lanes: names, lines, marks of time, squeezed times, now. */

import type { Layout } from "@/draw/gantt/layout";
import type { Scene } from "@/draw/gantt/paintBars";
import type { Ink } from "@/draw/gantt/palette";
import { foldMarks, ticksOf } from "@/draw/gantt/ticks";
import { type Plot, xOf } from "@/draw/gantt/view";

/** As much of a text as there is room for; the middle is left out, since names differ at their ends. */
export function fitted(text: string, room: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= room) return text;
  let low = 1;
  let high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (widthOf(shortened(text, middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return shortened(text, low);
}

function shortened(text: string, keep: number): string {
  const head = Math.ceil(keep / 2);
  return `${text.slice(0, head)}…${keep > 1 ? text.slice(text.length - (keep - head)) : ""}`;
}

/** Lines of time behind everything, and squeezed times. */
export function paintGrid(context: CanvasRenderingContext2D, plot: Plot, ink: Ink, height: number): void {
  context.fillStyle = ink.palette.line;
  for (const { x } of ticksOf(plot)) context.fillRect(Math.round(x), 0, 1, height);
}

/** Squeezed times, over everything. */
export function paintCuts(context: CanvasRenderingContext2D, plot: Plot, ink: Ink, height: number): void {
  for (const { x, width } of foldMarks(plot)) {
    const left = Math.max(plot.left, x);
    const right = Math.min(plot.left + plot.width, x + Math.max(3, width));
    context.fillStyle = ink.cut;
    context.fillRect(left, 0, right - left, height);
  }
}

/** Names of lanes at the left, each at the middle of what is seen of its lane. */
export function paintNames(
  context: CanvasRenderingContext2D,
  scene: Scene,
  nameOf: (lane: number) => { name: string; note?: string | undefined },
  chosen: number | undefined,
): void {
  const { layout, plot, scroll, height, ink } = scene;
  context.font = ink.font;
  context.textBaseline = "middle";
  const widthOf = (text: string) => context.measureText(text).width;
  for (const { lane, y, height: high } of seenLanes(layout, scroll, height)) {
    const top = Math.max(0, y - scroll);
    const bottom = Math.min(height, y - scroll + high);
    if (lane === chosen) {
      context.fillStyle = ink.palette.accent;
      context.fillRect(0, top, 3, bottom - top);
    }
    if (bottom - top < 11) continue;
    const { name, note } = nameOf(lane);
    const middle = (top + bottom) / 2;
    const two = note !== undefined && bottom - top >= 28;
    context.fillStyle = ink.palette.ink;
    context.fillText(fitted(name, plot.left - 14, widthOf), 8, two ? middle - 7 : middle);
    if (two && note) {
      context.fillStyle = ink.palette.muted;
      context.fillText(fitted(note, plot.left - 14, widthOf), 8, middle + 7);
    }
  }
}

/** Lanes that are seen. */
export function seenLanes(layout: Layout, scroll: number, height: number) {
  return layout.lanes.filter((one) => one.y + one.height > scroll && one.y < scroll + height);
}

/** Lines between lanes, and every other one shaded. */
export function paintStripes(context: CanvasRenderingContext2D, scene: Scene): void {
  const { layout, plot, scroll, height, ink } = scene;
  for (const { y, height: high } of seenLanes(layout, scroll, height)) {
    context.fillStyle = ink.palette.line;
    context.fillRect(0, Math.round(y + high - scroll) - 1, plot.left + plot.width, 1);
  }
}

/** A line at a time, with a word at its top where there is room. */
export function paintMoment(
  context: CanvasRenderingContext2D,
  plot: Plot,
  ink: Ink,
  at: { ts: number; height: number; colour: string; dashed?: boolean; word?: string },
): void {
  const x = Math.round(xOf(plot, at.ts)) + 0.5;
  if (x < plot.left || x > plot.left + plot.width + 1) return;
  context.strokeStyle = at.colour;
  context.lineWidth = 1;
  context.setLineDash(at.dashed ? [3, 3] : []);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, at.height);
  context.stroke();
  context.setLineDash([]);
  if (!at.word) return;
  context.font = ink.font;
  context.textBaseline = "top";
  context.fillStyle = at.colour;
  const wide = context.measureText(at.word).width;
  context.fillText(at.word, x - wide - 4 > plot.left ? x - wide - 4 : x + 4, 2);
}

/** The axis of time: marks with labels. */
export function paintAxis(
  context: CanvasRenderingContext2D,
  plot: Plot,
  ink: Ink,
  words: (seconds: number) => string,
): void {
  context.font = ink.font;
  context.textBaseline = "middle";
  const cuts = foldMarks(plot);
  context.fillStyle = ink.palette.muted;
  const right = plot.left + plot.width;
  for (const { x, label } of ticksOf(plot)) {
    const wide = context.measureText(label).width;
    const near = cuts.some((cut) => x + wide + 4 > cut.x && x - 4 < cut.x + Math.max(14, cut.width));
    context.fillRect(Math.round(x), 0, 1, 4);
    if (!near && x + wide + 4 <= right) context.fillText(label, x + 3, 11);
  }
  context.fillStyle = ink.palette.ink;
  for (const { x, width, seconds } of cuts) {
    const label = `⋯${width > 90 ? ` nothing ran for ${words(seconds)}` : ""}`;
    const wide = context.measureText(label).width;
    const middle = x + width / 2 - wide / 2;
    if (middle > plot.left - 8 && middle < right - 4) context.fillText(label, middle, 11);
  }
}
