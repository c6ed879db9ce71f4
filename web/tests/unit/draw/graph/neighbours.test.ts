import { describe, expect, it } from "vitest";
import { childrenOf, parentsOf, reach, sameShape } from "@/draw/graph/neighbours";
import { ranksOf } from "@/draw/graph/rank";
import { randomShape, shapeOf } from "./made";

describe("reach", () => {
  it("finds all that waits for a node and all it waits for, as a walk by hand does", () => {
    const shape = randomShape(21, 60, 90);
    for (const start of [0, 17, 59]) {
      for (const [from, to, near] of [
        [shape.parent, shape.child, childrenOf(shape)],
        [shape.child, shape.parent, parentsOf(shape)],
      ] as const) {
        const expected = new Set([start]);
        for (let round = 0; round < 60; round++) {
          from.forEach((one, edge) => {
            if (expected.has(one)) expected.add(to[edge]);
          });
        }
        const mask = reach(near, start, new Uint8Array(60));
        expect(new Set(Array.from(mask, (lit, node) => (lit ? node : -1)).filter((node) => node >= 0))).toEqual(
          expected,
        );
      }
    }
  });

  it("ends in a circle", () => {
    const circle = shapeOf(3, [
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    expect([...reach(childrenOf(circle), 1, new Uint8Array(3))]).toEqual([1, 1, 1]);
  });
});

describe("ranksOf", () => {
  it("is the longest way from a node that waits for nothing", () => {
    const shape = randomShape(22, 80, 160);
    const longest = new Uint32Array(80);
    for (let round = 0; round < 80; round++) {
      shape.parent.forEach((parent, edge) => {
        longest[shape.child[edge]] = Math.max(longest[shape.child[edge]], longest[parent] + 1);
      });
    }
    expect([...ranksOf(shape)]).toEqual([...longest]);
  });

  it("cuts a circle where it was reached first", () => {
    const circle = shapeOf(4, [
      [0, 2],
      [2, 1],
      [1, 2],
      [1, 3],
    ]);
    expect([...ranksOf(circle)]).toEqual([0, 2, 1, 3]);
  });
});

describe("sameShape", () => {
  it("tells another edge, not another array", () => {
    const one = randomShape(1, 30, 40);
    expect(sameShape(one, { ...one, parent: one.parent.slice() })).toBe(true);
    const other = one.child.slice();
    other[3] = (other[3] + 1) % 30;
    expect(sameShape(one, { ...one, child: other })).toBe(false);
  });
});
