import { describe, expect, it, vi } from "vitest";
import { foldOf } from "@/draw/gantt/fold";
import { GanttStore } from "@/pages/gantt/store";

const all = { start: 1000, end: 2000 };

describe("what is looked at", () => {
  it("is all at first, and stays all while the run goes on", () => {
    const store = new GanttStore();
    store.setWhole(all);
    store.setWhole({ start: 1000, end: 2500 });
    expect(store.seen()).toEqual({ start: 1000, end: 2500 });
    expect(store.isWhole()).toBe(true);
  });

  it("is what the address says, where the run has that", () => {
    const store = new GanttStore({ since: 1200, until: 1400 });
    store.setWhole(all);
    expect(store.seen()).toEqual({ start: 1200, end: 1400 });
    const elsewhere = new GanttStore({ since: 5000, until: 6000 });
    elsewhere.setWhole(all);
    expect(elsewhere.seen()).toEqual(all);
  });

  it("moves along with the end when that is seen, and stays put when it is not", () => {
    const atEnd = new GanttStore({ since: 1800 });
    atEnd.setWhole(all);
    atEnd.setWhole({ start: 1000, end: 2100 });
    expect(atEnd.seen()).toEqual({ start: 1900, end: 2100 });
    const before = new GanttStore({ since: 1200, until: 1400 });
    before.setWhole(all);
    before.setWhole({ start: 1000, end: 2100 });
    expect(before.seen()).toEqual({ start: 1200, end: 1400 });
  });

  it("stays about the same when idle time is squeezed, and comes back", () => {
    const store = new GanttStore({ since: 1700, until: 1900 });
    store.setWhole(all);
    store.setFold(foldOf([{ start: 1100, end: 1600 }], 1000, 2000));
    expect(store.seen()?.start).toBeCloseTo(1700);
    expect(store.seen()?.end).toBeCloseTo(1900);
    expect(store.whole!.to - store.whole!.from).toBeLessThan(510);
  });

  it("tells whether zooming changed anything, so that the page scrolls on where it did not", () => {
    const store = new GanttStore();
    store.setWhole(all);
    expect(store.zoom(2)).toBe(false);
    expect(store.zoom(0.5)).toBe(true);
    expect(store.seen()).toEqual({ start: 1250, end: 1750 });
    expect(store.zoom(100)).toBe(true);
    expect(store.isWhole()).toBe(true);
  });

  it("is told to those who watch, until they stop", () => {
    const store = new GanttStore();
    const heard = vi.fn();
    const stop = store.watch(heard);
    store.setWhole(all);
    store.pan(0.1);
    stop();
    store.lookAtAll();
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
