import { describe, expect, it } from "vitest";
import { barAt, indexOf, levelAt } from "@/draw/gantt/hit";
import { laneAt, layAreas, layBars, PAD_PX } from "@/draw/gantt/layout";
import { pack } from "@/draw/gantt/pack";
import { RUNNING } from "@/draw/gantt/picture";
import { barsOf, lanesOf, runs } from "./made";

const BARS = barsOf([runs(0, 0, 100), runs(0, 50, 150), runs(1, 10, 12), runs(0, 200, 300), runs(1, 20, 30, RUNNING)]);
const PACKED = pack(BARS, true);
const LAYOUT = layBars(PACKED.rows, [1, 0, 2], 400);
const INDEX = indexOf(BARS, PACKED);
const yOf = (bar: number) =>
  LAYOUT.yOf[BARS.lane[bar]] + PAD_PX + PACKED.row[bar] * LAYOUT.rowHeight + LAYOUT.rowHeight / 2;
const at = (seconds: number, y: number, slack = 0) =>
  barAt(BARS, INDEX, LAYOUT, { seconds, slack, y, phases: true, now: 500 });

describe("what lies under a pointer", () => {
  it("is each bar at its middle", () => {
    for (let bar = 0; bar < BARS.count; bar += 1) {
      expect(at((BARS.begin[bar] + BARS.over[bar]) / 2, yOf(bar))).toBe(bar);
    }
  });

  it("is nothing between bars, but the nearest where it is near enough", () => {
    expect(at(170, yOf(0))).toBeUndefined();
    expect(at(13, yOf(2), 2)).toBe(2);
    expect(at(19, yOf(4), 2)).toBe(4);
  });

  it("is what runs up to now", () => {
    expect(at(450, yOf(4))).toBe(4);
    expect(at(510, yOf(4))).toBeUndefined();
  });

  it("is nothing below all lanes", () => {
    expect(at(50, LAYOUT.height + 5)).toBeUndefined();
  });
});

describe("lanes", () => {
  it("lie one below the other in the order asked for, and are found again", () => {
    expect(LAYOUT.lanes.map(({ lane }) => lane)).toEqual([1, 0, 2]);
    for (const { lane, y, height } of LAYOUT.lanes) {
      expect(laneAt(LAYOUT, y)?.lane).toBe(lane);
      expect(laneAt(LAYOUT, y + height - 0.5)?.lane).toBe(lane);
    }
    expect(laneAt(LAYOUT, -1)).toBeUndefined();
  });

  it("have rows as high as the room allows, and never too thin to see", () => {
    expect(layBars(Uint32Array.of(1000), [0], 400).rowHeight).toBe(3);
    expect(layBars(Uint32Array.of(1), [0], 400).rowHeight).toBe(18);
    expect(layAreas([0, 1], 400).height).toBe(128);
  });

  it("tell how many ran in a bin", () => {
    const lanes = lanesOf(["x", "y"], [[0, 3, 4, 1]]);
    expect(levelAt(lanes, 0, 3)).toEqual({ running: 4, failing: 1 });
    expect(levelAt(lanes, 1, 3)).toEqual({ running: 0, failing: 0 });
  });
});
