import { describe, expect, it } from "vitest";
import { foldOf, STRAIGHT } from "@/draw/gantt/fold";
import { foldMarks, labelOf, ticksOf } from "@/draw/gantt/ticks";

const NOON = new Date(2026, 2, 2, 12, 0, 0).getTime() / 1000;
const plot = (seconds: number, fold = STRAIGHT) => ({
  fold,
  span: { from: NOON, to: NOON + seconds },
  left: 100,
  width: 800,
});

describe("marks of time", () => {
  it.each([1, 20, 90, 3600, 7 * 3600, 3 * 86_400, 40 * 86_400])(
    "never stand over each other in %s seconds",
    (seconds) => {
      const ticks = ticksOf(plot(seconds));
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(16);
      for (let n = 1; n < ticks.length; n += 1) expect(ticks[n].x - ticks[n - 1].x).toBeGreaterThan(50);
    },
  );

  it("are at times that people count in, the first with its day", () => {
    expect(
      ticksOf(plot(3600))
        .map(({ label }) => label)
        .slice(0, 3),
    ).toEqual(["2 Mar 12:00", "12:10", "12:20"]);
    expect(labelOf(NOON + 5.25, 0.5)).toMatch(/^12:00:05\.[23]$/);
    expect(labelOf(NOON + 43_200, 3600)).toBe("3 Mar");
  });

  it("tell squeezed times, and stand in none", () => {
    const fold = foldOf([{ start: NOON + 600, end: NOON + 7200 }], NOON, NOON + 9000);
    const folded = { ...plot(2400, fold), fold };
    expect(foldMarks(folded)).toEqual([
      { x: expect.closeTo(300), width: expect.closeTo((fold.mark / 2400) * 800), seconds: 6600 },
    ]);
    const [mark] = foldMarks(folded);
    for (const { x } of ticksOf(folded)) expect(x <= mark.x || x >= mark.x + mark.width).toBe(true);
  });
});
