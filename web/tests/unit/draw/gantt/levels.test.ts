import { describe, expect, it } from "vitest";
import { binAt, edgesOf, niceAbove, peakOf } from "@/draw/gantt/paintLevels";
import type { Concurrency } from "@/draw/gantt/picture";

const LEVELS: Concurrency = {
  startTs: 0,
  endTs: 40,
  nowTs: 40,
  bins: 4,
  skip: [],
  gaps: [],
  running: Float32Array.of(1, 2, 30, 0),
  queued: Float32Array.of(5, 5, 5, 0),
  held: new Float32Array(4),
  scripts: new Float32Array(4),
  ended: new Uint32Array(4),
  failed: new Uint32Array(4),
};

describe("levels", () => {
  it("have their highest stack among what is seen only", () => {
    expect(peakOf(LEVELS, edgesOf(LEVELS), 0, 19)).toBe(7);
    expect(peakOf(LEVELS, edgesOf(LEVELS), 0, 40)).toBe(35);
  });

  it("end at a number that people count in", () => {
    expect([0, 0.4, 3, 7, 11, 35, 1234].map(niceAbove)).toEqual([1, 1, 3, 8, 15, 40, 1500]);
  });

  it("are found by time", () => {
    const edges = edgesOf(LEVELS);
    expect([0, 9.9, 10, 39, 40].map((ts) => binAt(edges, ts))).toEqual([0, 0, 1, 3, 3]);
    expect(binAt(edges, -1)).toBeUndefined();
  });
});
