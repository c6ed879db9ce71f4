import { describe, expect, it } from "vitest";
import { areaPath, bars, roundUp, sums } from "@/draw/spark";

describe("sums", () => {
  it("adds up to each place", () => expect(sums([1, 0, 2])).toEqual([1, 1, 3]));
  it("of nothing is nothing", () => expect(sums([])).toEqual([]));
});

describe("areaPath", () => {
  it("begins and ends on the ground, with the most at the top", () =>
    expect(areaPath([5, 10], 10, 20, 8)).toBe("M0 8L10 4L20 0L20 8Z"));
  it("draws no wrong number when there is nothing to scale by", () => {
    expect(areaPath([0, 0], 0, 20, 8)).not.toContain("NaN");
    expect(areaPath([], 5, 20, 8)).toBe("M0 8L0 8Z");
  });
});

describe("bars", () => {
  it("are as tall as their values, side by side", () => {
    const [a, b] = bars([5, 10], 10, 20, 100, 2);
    expect(a).toEqual({ x: 0, y: 50, width: 8, height: 50 });
    expect(b).toEqual({ x: 10, y: 0, width: 8, height: 100 });
  });
  it("show what is little, and nothing where there is none", () => {
    const [little, none] = bars([0.001, undefined], 10, 20, 100);
    expect(little.height).toBe(2);
    expect(none.height).toBe(0);
  });
});

describe("roundUp", () => {
  it("gives 1, 2 or 5 times a power of ten", () => {
    expect([0.03, 1, 1.2, 7, 20, 450].map(roundUp)).toEqual([0.05, 1, 2, 10, 20, 500]);
    expect(roundUp(0)).toBe(1);
  });
  it("is never below the value", () => {
    for (let value = 0.001; value < 1e6; value *= 1.37)
      expect(roundUp(value)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
  });
});
