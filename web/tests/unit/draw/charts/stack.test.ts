import { expect, test, vi } from "vitest";
import { binAt, highest, paintStack, stacked } from "@/draw/charts/stack";

const BOX = { left: 40, top: 10, width: 100, height: 50 };

test("each layer lies on the one before", () => {
  const tops = stacked(
    [
      [1, 2],
      [3, 4],
      [0, 1],
    ],
    2,
  );
  expect(tops.map((top) => [...top])).toEqual([
    [1, 2],
    [4, 6],
    [4, 7],
  ]);
  expect(highest(tops)).toBe(7);
  expect(highest([])).toBe(0);
});

test("a pointer is over the bin beneath it, and over none outside", () => {
  expect([binAt(40, BOX, 4), binAt(66, BOX, 4), binAt(140, BOX, 4)]).toEqual([0, 1, 3]);
  expect([binAt(39, BOX, 4), binAt(141, BOX, 4), binAt(50, BOX, 0)]).toEqual([undefined, undefined, undefined]);
});

test("a layer without anything is not painted, others within the box", () => {
  const points: [number, number][] = [];
  const ctx = {
    beginPath: vi.fn(),
    closePath: vi.fn(),
    fill: vi.fn(),
    moveTo: (x: number, y: number) => points.push([x, y]),
    lineTo: (x: number, y: number) => points.push([x, y]),
    fillStyle: "",
  };
  paintStack(
    ctx as unknown as CanvasRenderingContext2D,
    stacked(
      [
        [2, 4],
        [0, 0],
      ],
      2,
    ),
    BOX,
    4,
    ["a", "b"],
  );
  expect(ctx.fill).toHaveBeenCalledTimes(1);
  expect(points.every(([x, y]) => x >= 40 && x <= 140 && y >= 10 && y <= 60)).toBe(true);
  expect(Math.min(...points.map(([, y]) => y))).toBe(10);
});
