import { describe, expect, it } from "vitest";
import { shares, shortened } from "@/draw/graph/boxes";
import { bundlesOf } from "@/draw/graph/bundles";
import { type Pen, routedEdges, singleEdges, widthOf } from "@/draw/graph/edges";
import { layoutOf } from "@/draw/graph/layout";
import type { Paints } from "@/draw/graph/paints";
import { type Content, sceneOf } from "@/draw/graph/scene";
import { randomShape, shapeOf } from "./made";

/** A pen that notes what was drawn in which colour. */
function recorder(): Pen & { lines: [colour: string, from: [number, number]][] } {
  const lines: [string, [number, number]][] = [];
  let begun: [number, number][] = [];
  return {
    lines,
    strokeStyle: "",
    lineWidth: 1,
    globalAlpha: 1,
    beginPath: () => {
      begun = [];
    },
    moveTo: (x, y) => {
      begun.push([x, y]);
    },
    lineTo: () => {},
    bezierCurveTo: () => {},
    stroke() {
      for (const one of begun) lines.push([String(this.strokeStyle), one]);
    },
  };
}

const paints = { edge: "edge", line: "line", accent: "accent" } as Paints;
const content = { states: new Uint8Array(), stateCount: 1 } as Content;

describe("edges of a close-up", () => {
  const shape = shapeOf(3, [
    [0, 1],
    [1, 2],
    [1, 1],
  ]);
  const scene = sceneOf(shape, layoutOf(shape, "jobs", 1));

  it("are all drawn but those to the node itself", () => {
    const pen = recorder();
    routedEdges(pen, scene, content, { hover: -1, chosen: -1 }, paints, 1);
    expect(pen.lines.map(([colour]) => colour)).toEqual(["edge", "edge"]);
  });

  it("at what is chosen, and on a path, stand out", () => {
    const pen = recorder();
    routedEdges(pen, scene, content, { hover: -1, chosen: 0 }, paints, 1);
    expect(pen.lines.map(([colour]) => colour)).toEqual(["line", "accent"]);
    const lit = recorder();
    routedEdges(lit, scene, content, { hover: -1, chosen: 0, path: Uint8Array.of(1, 1, 1) }, paints, 1);
    expect(lit.lines.map(([colour]) => colour)).toEqual(["accent", "accent"]);
  });
});

describe("edges of an overview", () => {
  const shape = randomShape(31, 800, 1500);
  const scene = sceneOf(shape, layoutOf(shape, "jobs", 1.8));

  it("are drawn once each when all nodes are seen", () => {
    const pen = recorder();
    const all = Uint32Array.from({ length: 800 }, (_, node) => node);
    expect(singleEdges(pen, scene, all, { hover: -1, chosen: -1 }, paints, 1, 10_000)).toBe(true);
    expect(pen.lines).toHaveLength(shape.parent.length);
  });

  it("are left to bundles when there are too many", () => {
    const pen = recorder();
    const all = Uint32Array.from({ length: 800 }, (_, node) => node);
    expect(singleEdges(pen, scene, all, { hover: -1, chosen: -1 }, paints, 1, 100)).toBe(false);
    expect(pen.lines).toEqual([]);
  });

  it("are all in some bundle, and bundles are few", () => {
    const many = randomShape(32, 20_000, 40_000);
    const bundles = bundlesOf(many, layoutOf(many, "jobs", 1.8));
    expect(bundles.count.length).toBeLessThanOrEqual(2500);
    const small = bundlesOf(shape, scene.layout);
    if (small.count.length < 2500) expect(small.count.reduce((sum, n) => sum + n, 0)).toBe(shape.parent.length);
    expect(Math.max(...small.count)).toBe(small.most);
  });
});

describe("boxes", () => {
  it("give each state that is there a part of the bar, and all together the bar", () => {
    const widths = shares(Uint32Array.of(1, 0, 1_000_000), 100);
    expect([...widths]).toEqual([2, 0, 98]);
    expect(shares(Uint32Array.of(), 100)).toHaveLength(0);
  });

  it("keep beginning and end of a long name", () => {
    expect(shortened("findrange_ID0000003", 12)).toBe("findra…00003");
    expect(shortened("short", 12)).toBe("short");
    expect(shortened("abcdef", 1)).toBe("a");
  });

  it("draw many edges broader than few", () => {
    expect(widthOf(1)).toBe(1);
    expect(widthOf(1000)).toBeGreaterThan(widthOf(10));
    expect(widthOf(1e9)).toBe(10);
  });
});
