import { expect, test } from "vitest";
import { logAxis } from "@/draw/charts/scale";
import { density, violinPath } from "@/draw/charts/violin";

test("a distribution is densest where most tries lie", () => {
  const axis = logAxis(1, 100);
  const found = density([1, 10, 100], [1, 50, 2], axis, 101);
  expect(Math.max(...found)).toBe(1);
  expect(found.indexOf(1)).toBe(50);
});

test("nothing has no shape", () => {
  expect(violinPath(density([], [], logAxis(1, 2), 20), 100, 20)).toBe("");
});

test("a shape stays within its box", () => {
  const path = violinPath(density([5], [3], logAxis(1, 10), 50), 100, 20);
  const ys = [...path.matchAll(/ ([\d.]+)/g)].map((match) => Number(match[1]));
  expect(Math.min(...ys)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...ys)).toBeLessThanOrEqual(20);
});
