import { describe, expect, it } from "vitest";
import { binEdges, foldOf, moreGaps, STRAIGHT, toFolded, toTime } from "@/draw/gantt/fold";

const GAPS = [
  { start: 200, end: 400 },
  { start: 600, end: 900 },
];
const FOLD = foldOf(GAPS, 0, 1000);

describe("folded time", () => {
  it("is time itself where nothing is squeezed", () => {
    expect(toFolded(STRAIGHT, 123.5)).toBe(123.5);
    expect(toTime(STRAIGHT, 123.5)).toBe(123.5);
  });

  it("squeezes each gap to the same mark", () => {
    expect(FOLD.mark).toBeCloseTo(500 * 0.012);
    for (const { start, end } of GAPS) expect(toFolded(FOLD, end) - toFolded(FOLD, start)).toBeCloseTo(FOLD.mark);
    expect(toFolded(FOLD, 600) - toFolded(FOLD, 400)).toBeCloseTo(200);
  });

  it("leads back to the time it came from, within gaps too", () => {
    for (let ts = -50; ts <= 1100; ts += 7) expect(toTime(FOLD, toFolded(FOLD, ts))).toBeCloseTo(ts, 6);
  });

  it("leaves a gap alone that would become wider", () => {
    expect(foldOf([{ start: 0, end: 1 }], 0, 10_000).gaps).toEqual([]);
  });

  it("keeps what is squeezed while a run goes on, and adds what lies behind", () => {
    const found = [
      { start: 199, end: 401 },
      { start: 950, end: 990 },
    ];
    expect(moreGaps(GAPS, found)).toEqual([...GAPS, { start: 950, end: 990 }]);
  });
});

describe("edges of bins", () => {
  it("divide the window evenly", () => {
    expect([...binEdges(0, 100, 4, [])]).toEqual([0, 25, 50, 75, 100]);
  });

  it("divide what is left without skipped times, as the service does", () => {
    expect([...binEdges(1000, 2000, 8, [{ start: 1200, end: 1400 }])]).toEqual([
      1000, 1100, 1200, 1500, 1600, 1700, 1800, 1900, 2000,
    ]);
  });

  it("skip nothing where nothing would be left", () => {
    expect([...binEdges(0, 10, 2, [{ start: -5, end: 20 }])]).toEqual([0, 5, 10]);
  });
});
