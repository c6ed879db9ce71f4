import type { Shape } from "@/words/states";

/** Paths in a box of 16 by 16; what is filled and what is drawn says the style. */
export const SHAPES: Record<Shape, string> = {
  check: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  play: "M5 3.2v9.6l8-4.8z",
  clock: "M8 4.2V8l2.6 1.8M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  pause: "M5.4 3.5v9M10.6 3.5v9",
  ring: "M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0z",
  dash: "M3 8h10M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  gear: "M8 2v3M8 11v3M2 8h3M11 8h3M4 4l2 2M10 10l2 2M12 4l-2 2M6 10l-2 2",
  warn: "M8 2.2L14.3 13H1.7zM8 6.4v3M8 11.2v.4",
  stop: "M4 4h8v8H4z",
};

/** Shapes that are filled; the others are drawn with a line. */
export const FILLED: ReadonlySet<Shape> = new Set(["play"]);
