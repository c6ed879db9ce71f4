import { describe, expect, it } from "vitest";
import { STRAIGHT } from "@/draw/gantt/fold";
import { layBars } from "@/draw/gantt/layout";
import { pack } from "@/draw/gantt/pack";
import { paintBars } from "@/draw/gantt/paintBars";
import { fitted } from "@/draw/gantt/paintFrame";
import { COLOURS, type Ink, type Palette } from "@/draw/gantt/palette";
import { type Bars, FAILED, RUNNING } from "@/draw/gantt/picture";
import { barsOf, runs } from "./made";

type Rect = { fill: unknown; x: number; y: number; w: number; h: number };

/** A context that notes rectangles; each colour is its own name. */
function paper() {
  const rects: Rect[] = [];
  const context = {
    fillStyle: "" as unknown,
    fillRect: (x: number, y: number, w: number, h: number) => rects.push({ fill: context.fillStyle, x, y, w, h }),
    beginPath: () => {},
    moveTo: () => {},
    lineTo: () => {},
    stroke: () => {},
  };
  return { context: context as unknown as CanvasRenderingContext2D, rects };
}

const INK: Ink = {
  palette: Object.fromEntries(COLOURS.map((name) => [name, name])) as Palette,
  hatch: "hatch",
  dots: "dots",
  cut: "cut",
  font: "12px sans",
};

function painted(bars: Bars, phases = true, scroll = 0, height = 400): Rect[] {
  const packed = pack(bars, phases);
  const layout = layBars(packed.rows, [0, 1, 2], 400);
  const { context, rects } = paper();
  const plot = { fold: STRAIGHT, span: { from: 1000, to: 2000 }, left: 100, width: 1000 };
  paintBars(context, { plot, layout, scroll, height, nowTs: 1900, ink: INK }, bars, packed, phases);
  return rects;
}

describe("bars on a canvas", () => {
  it("lie where their times are, in the colour of what became of them", () => {
    const rects = painted(barsOf([runs(0, 0, 100), runs(1, 200, 300, FAILED), runs(2, 400, 500, RUNNING)]));
    expect(rects.map(({ fill, x, w }) => [fill, x, w])).toEqual([
      ["done", 100, 100],
      ["run", 500, 500],
      ["hatch", 300, 100],
    ]);
  });

  it("have their phases in pieces that touch", () => {
    const rects = painted(barsOf([{ at: [0, 10, 40, 100, 105] }])).sort((a, b) => a.x - b.x);
    expect(rects.map(({ fill, x, w }) => [fill, x, w])).toEqual([
      ["script", 100, 10],
      ["queue", 110, 30],
      ["done", 140, 60],
      ["script", 200, 5],
    ]);
  });

  it("are drawn without their wait when that is not wanted", () => {
    expect(painted(barsOf([{ at: [0, 10, 40, 100, 105] }]), false).map(({ fill }) => fill)).toEqual(["done"]);
  });

  it("can be seen however short, and never lie outside the plot", () => {
    const rects = painted(barsOf([runs(0, 10, 10.001, FAILED), runs(1, -500, 5000)]));
    expect(rects.find(({ fill }) => fill === "hatch")!.w).toBeGreaterThanOrEqual(2);
    const long = rects.find(({ fill }) => fill === "done")!;
    expect([long.x, long.w]).toEqual([100, 1000]);
  });

  it("are not drawn where nobody looks", () => {
    const tries = Array.from({ length: 300 }, (_, n) => runs(0, 0, 100 + n));
    expect(painted(barsOf(tries), true, 0, 60).length).toBeLessThan(40);
  });
});

describe("names", () => {
  it("keep both ends where there is no room for all", () => {
    const widthOf = (text: string) => text.length * 10;
    expect(fitted("short", 100, widthOf)).toBe("short");
    expect(fitted("stage_in_local_791_0", 90, widthOf)).toBe("stag…91_0");
  });
});
