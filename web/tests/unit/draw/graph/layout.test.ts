import { describe, expect, it } from "vitest";
import { GROUP, JOB, type Layout, layoutOf, MOST_CLOSE, TILE } from "@/draw/graph/layout";
import { randomShape, shapeOf } from "./made";

/** Pairs of nodes whose boxes overlap. */
function overlaps({ x, y, w, h }: Layout): [number, number][] {
  const found: [number, number][] = [];
  const slack = 0.01;
  const order = Array.from(x, (_, node) => node).sort((a, b) => x[a] - x[b]);
  for (let i = 0; i < order.length; i++) {
    for (let j = i + 1; j < order.length && x[order[j]] - x[order[i]] < w - slack; j++) {
      if (Math.abs(y[order[i]] - y[order[j]]) < h - slack) found.push([order[i], order[j]]);
    }
  }
  return found;
}

const inside = ({ x, y, w, h, width, height }: Layout) =>
  x.every((one) => one >= w / 2 - 0.1 && one <= width - w / 2 + 0.1) &&
  y.every((one) => one >= h / 2 - 0.1 && one <= height - h / 2 + 0.1);

describe("layoutOf", () => {
  it.each([
    ["a close-up", 1, 60, 110],
    ["a close-up at its limit", 2, MOST_CLOSE, 600],
    ["an overview", 3, 2000, 5000],
  ])("of %s lets no node lie on another or outside the plane", (_, seed, count, edges) => {
    for (const aspect of [0.7, 1.8]) {
      const layout = layoutOf(randomShape(seed, count, edges), "jobs", aspect);
      expect(overlaps(layout)).toEqual([]);
      expect(inside(layout)).toBe(true);
    }
  });

  it("puts what waits beyond what it waits for, along the flow", () => {
    for (const [count, edges] of [
      [50, 90],
      [1500, 3000],
    ]) {
      const shape = randomShape(7, count, edges);
      const layout = layoutOf(shape, "jobs", 1.8);
      expect(shape.parent.every((parent, edge) => layout.layer[parent] < layout.layer[shape.child[edge]])).toBe(true);
      if (layout.layers < 30) {
        const along = layout.flow === "right" ? layout.x : layout.y;
        expect(shape.parent.every((parent, edge) => along[parent] < along[shape.child[edge]])).toBe(true);
      }
    }
  });

  it("lays the same graph out alike every time", () => {
    for (const count of [80, 1200]) {
      const shape = randomShape(5, count, 2 * count);
      expect(layoutOf(shape, "jobs", 1.8)).toEqual(layoutOf(shape, "jobs", 1.8));
    }
  });

  it("leads the edges of a close-up from parent to child", () => {
    const shape = shapeOf(4, [
      [0, 1],
      [1, 2],
      [0, 2],
      [2, 3],
    ]);
    const layout = layoutOf(shape, "jobs", 8);
    expect(layout.flow).toBe("right");
    for (let edge = 0; edge < 4; edge++) {
      const first = 2 * layout.routes![edge];
      const last = 2 * layout.routes![edge + 1] - 2;
      expect(layout.points![first]).toBeCloseTo(layout.x[shape.parent[edge]] + JOB.w / 2);
      expect(layout.points![last]).toBeCloseTo(layout.x[shape.child[edge]] - JOB.w / 2);
      expect(layout.points![last + 1]).toBeCloseTo(layout.y[shape.child[edge]]);
    }
    // the long edge goes around the node between: its bend lies beside it
    const bend = layout.points![2 * layout.routes![2] + 3];
    expect(Math.abs(bend - layout.y[1])).toBeGreaterThan(JOB.h / 2);
  });

  it("survives circles, an edge to itself, and nothing at all", () => {
    const circle = shapeOf(3, [
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    const layout = layoutOf(circle, "groups", 1.8);
    expect(overlaps(layout)).toEqual([]);
    expect([layout.w, layout.h]).toEqual([GROUP.w, GROUP.h]);
    const none = layoutOf(shapeOf(0, []), "jobs", 1.8);
    expect(none.x).toHaveLength(0);
    expect(Number.isFinite(none.width)).toBe(true);
  });

  it("keeps one giant fan-out about as wide as the window", () => {
    const fan = shapeOf(
      20_001,
      Array.from({ length: 20_000 }, (_, leaf): [number, number] => [0, leaf + 1]),
    );
    const layout = layoutOf(fan, "jobs", 1.8);
    expect(layout.width / layout.height).toBeGreaterThan(1);
    expect(layout.width / layout.height).toBeLessThan(3.6);
    expect(overlaps(layout)).toEqual([]);
  });

  it("breaks a chain of thousands into lines", () => {
    const chain = shapeOf(
      2000,
      Array.from({ length: 1999 }, (_, node): [number, number] => [node, node + 1]),
    );
    const layout = layoutOf(chain, "jobs", 1.8);
    expect(layout.w).toBe(TILE.w);
    expect(layout.width / layout.height).toBeLessThan(4);
    expect(overlaps(layout)).toEqual([]);
  });

  it("crosses no edges where none need cross", () => {
    const edges: [number, number][] = [];
    for (let layer = 0; layer < 3; layer++) {
      for (let at = 0; at < 100; at++) edges.push([100 * layer + ((at * 37) % 100), 100 * (layer + 1) + at]);
    }
    const { parent, child, count } = shapeOf(400, edges);
    const { y, layer } = layoutOf({ parent, child, count }, "jobs", 1.8);
    let crossings = 0;
    for (let a = 0; a < edges.length; a++) {
      for (let b = a + 1; b < edges.length; b++) {
        const same = layer[parent[a]] === layer[parent[b]];
        if (same && (y[parent[a]] - y[parent[b]]) * (y[child[a]] - y[child[b]]) < 0) crossings += 1;
      }
    }
    expect(crossings).toBe(0);
  });
});
