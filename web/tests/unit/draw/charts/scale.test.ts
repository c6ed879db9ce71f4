import { expect, test } from "vitest";
import { compact, countMarks, durationMarks, logAxis, nice, ratioMarks, timeMarks } from "@/draw/charts/scale";

test("an axis of counts holds its largest value and has steps of 1, 2 or 5", () => {
  for (const most of [0, 1, 3, 7, 99, 101, 12_345, 999_999]) {
    const { end, step } = nice(most);
    expect(end).toBeGreaterThanOrEqual(most);
    expect([1, 2, 5]).toContain(Number(step.toExponential()[0]));
    expect(countMarks(end, step).at(-1)?.at).toBe(1);
  }
});

test("large counts are short on an axis", () => {
  expect([compact(5), compact(20_000), compact(1_500_000)]).toEqual(["5", "20K", "1.5M"]);
});

test("an axis of logarithms puts 1 in the middle between a half and two, and keeps what lies outside at its ends", () => {
  const axis = logAxis(0.5, 2);
  expect(axis.at(1)).toBeCloseTo(0.5);
  expect([axis.at(0), axis.at(0.1), axis.at(100)]).toEqual([0, 0, 1]);
});

test("durations have marks that people count in", () => {
  expect(durationMarks(logAxis(0.5, 7200)).map((mark) => mark.label)).toEqual([
    "1 s",
    "10 s",
    "1 min",
    "10 min",
    "1 h",
  ]);
  expect(durationMarks(logAxis(20, 100)).length).toBeGreaterThanOrEqual(3);
});

test("ratios always have a mark at one", () => {
  for (const far of [1.5, 3, 20, 50]) {
    expect(ratioMarks(logAxis(1 / far, far, 0.01)).map((mark) => mark.label)).toContain("1×");
  }
});

test("times have at most as many marks as there is room for, in order", () => {
  for (const seconds of [3, 90, 4000, 90_000, 40_000_000]) {
    const marks = timeMarks(1_795_000_000, 1_795_000_000 + seconds, 8);
    expect(marks.length).toBeLessThanOrEqual(9);
    expect(marks.map((mark) => mark.at)).toEqual(marks.map((mark) => mark.at).toSorted((a, b) => a - b));
  }
});
