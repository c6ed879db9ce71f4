import { describe, expect, it } from "vitest";
import { barsOf } from "@/draw/bars";

describe("barsOf", () => {
  it("stacks what failed on what went well, and the highest pile fills the box", () => {
    const { well, badly, most } = barsOf([0, 6, 3], [0, 2, 0], 30, 80);
    expect(most).toBe(8);
    expect(well.map((b) => [b.x, b.height])).toEqual([
      [10, 60],
      [20, 30],
    ]);
    expect(badly).toEqual([{ x: 10, width: 9, y: 0, height: 20 }]);
  });

  it("shows one among a thousand", () => expect(barsOf([1000, 1], [0, 0], 10, 50).well[1].height).toBe(1.5));

  it("draws nothing for nothing", () =>
    expect(barsOf([0, 0], [0, 0], 10, 50)).toEqual({ well: [], badly: [], most: 0 }));
});
