import { describe, expect, it } from "vitest";
import { foldOf, STRAIGHT } from "@/draw/gantt/fold";
import { asked, panned, pixelsOf, scaleOf, timeAt, within, xOf, zoomed } from "@/draw/gantt/view";

const WHOLE = { from: 0, to: 1000 };

describe("what is seen", () => {
  it("zooms around a place that stays under the pointer", () => {
    const next = zoomed({ from: 200, to: 600 }, 0.5, 300, WHOLE);
    expect(next.to - next.from).toBe(200);
    expect((300 - next.from) / 200).toBeCloseTo(0.25);
  });

  it("never leaves the whole, however far one zooms or pans", () => {
    expect(zoomed({ from: 0, to: 500 }, 100, 250, WHOLE)).toEqual(WHOLE);
    expect(panned({ from: 700, to: 900 }, 500, WHOLE)).toEqual({ from: 800, to: 1000 });
    expect(within({ from: -100, to: 100 }, WHOLE)).toEqual({ from: 0, to: 200 });
  });

  it("is never less than can be looked at", () => {
    const next = zoomed({ from: 10, to: 11 }, 1e-9, 10.5, WHOLE);
    expect(next.to - next.from).toBeGreaterThan(0.4);
  });
});

describe("pixels", () => {
  const plot = { fold: foldOf([{ start: 200, end: 800 }], 0, 1000), span: { from: 0, to: 400 }, left: 50, width: 800 };

  it("lead back to the time they came from", () => {
    for (const ts of [0, 100, 200, 500, 800, 900]) expect(timeAt(plot, xOf(plot, ts))).toBeCloseTo(ts, 6);
  });

  it("are the same by the fast way", () => {
    const scale = scaleOf(plot);
    for (const ts of [0, 150, 300, 900]) expect(scale(ts)).toBeCloseTo(xOf(plot, ts));
  });

  it("are whole and within the plot for areas", () => {
    const x = pixelsOf({ ...plot, fold: STRAIGHT }, Float64Array.from([-100, 33.3, 9999]));
    expect([...x]).toEqual([50, 117, 850]);
  });
});

describe("what is asked for", () => {
  it("is all when all is seen", () => {
    expect(asked(WHOLE, WHOLE)).toBeUndefined();
  });

  it("covers what is seen with room to pan", () => {
    const part = asked({ from: 400, to: 500 }, WHOLE)!;
    expect(part.from).toBeLessThanOrEqual(350);
    expect(part.to).toBeGreaterThanOrEqual(550);
    expect(part.to - part.from).toBeLessThan(400);
  });

  it("stays the same for small movements", () => {
    expect(asked({ from: 402, to: 502 }, WHOLE)).toEqual(asked({ from: 403, to: 503 }, WHOLE));
  });
});
