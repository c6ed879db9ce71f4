import { describe, expect, it } from "vitest";
import { gridOf, nodeAt, nodesIn } from "@/draw/graph/grid";
import { layoutOf } from "@/draw/graph/layout";
import { dice, randomShape, shapeOf } from "./made";

describe("a grid", () => {
  it.each([
    [40, 60],
    [3000, 5000],
  ])("of %i nodes finds exactly what lies at a place", (count, edges) => {
    const layout = layoutOf(randomShape(11, count, edges), "jobs", 1.8);
    const grid = gridOf(layout);
    const roll = dice(3);
    for (let time = 0; time < 300; time++) {
      const [x, y] = [roll() * layout.width, roll() * layout.height];
      const there = Array.from(layout.x, (_, node) => node).filter(
        (node) => Math.abs(layout.x[node] - x) <= layout.w / 2 && Math.abs(layout.y[node] - y) <= layout.h / 2,
      );
      expect(nodeAt(grid, layout, x, y)).toBe(there[0] ?? -1);
    }
    for (let node = 0; node < count; node += 7) expect(nodeAt(grid, layout, layout.x[node], layout.y[node])).toBe(node);
  });

  it("gives all nodes that touch a window, and how many there are when they are too many", () => {
    const layout = layoutOf(randomShape(12, 2000, 3000), "jobs", 1.8);
    const grid = gridOf(layout);
    const rect = { left: 100, top: 50, right: 400, bottom: 300 };
    const into = new Uint32Array(2000);
    const found = new Set(into.subarray(0, nodesIn(grid, layout, rect, into)));
    for (let node = 0; node < 2000; node++) {
      const touches =
        layout.x[node] + layout.w / 2 >= rect.left &&
        layout.x[node] - layout.w / 2 <= rect.right &&
        layout.y[node] + layout.h / 2 >= rect.top &&
        layout.y[node] - layout.h / 2 <= rect.bottom;
      if (touches) expect(found.has(node)).toBe(true);
    }
    const few = new Uint32Array(10);
    expect(nodesIn(grid, layout, rect, few)).toBe(found.size);
  });

  it("finds the nearest within reach of a fingertip, and nothing in an empty graph", () => {
    const layout = layoutOf(shapeOf(1, []), "jobs", 1);
    const grid = gridOf(layout);
    expect(nodeAt(grid, layout, layout.w + 5, layout.h / 2)).toBe(-1);
    expect(nodeAt(grid, layout, layout.w + 5, layout.h / 2, 8)).toBe(0);
    const none = layoutOf(shapeOf(0, []), "jobs", 1);
    expect(nodeAt(gridOf(none), none, 1, 1, 50)).toBe(-1);
  });
});
