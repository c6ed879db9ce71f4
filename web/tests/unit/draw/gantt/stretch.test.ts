import { describe, expect, it } from "vitest";
import { binEdges, foldOf, STRAIGHT } from "@/draw/gantt/fold";
import { heatPixels, rgbOf } from "@/draw/gantt/paintHeat";
import { piecesOf } from "@/draw/gantt/stretch";
import { xOf } from "@/draw/gantt/view";
import { lanesOf } from "./made";

describe("pieces of a picture that is stretched", () => {
  it("are one where nothing is squeezed", () => {
    const plot = { fold: STRAIGHT, span: { from: 0, to: 50 }, left: 100, width: 500 };
    expect(piecesOf(binEdges(0, 100, 10, []), plot)).toEqual([{ bin: 0, bins: 10, x: 100, width: 1000 }]);
  });

  it("lie side by side where idle time is squeezed, each where its times are", () => {
    const gaps = [{ start: 205, end: 800 }];
    const fold = foldOf(gaps, 0, 1000);
    const plot = { fold, span: { from: 0, to: 1000 - 595 + fold.mark }, left: 0, width: 800 };
    const edges = binEdges(0, 1000, 10, gaps);
    const pieces = piecesOf(edges, plot);
    expect(pieces.map(({ bin, bins }) => [bin, bins])).toEqual([
      [0, 5],
      [5, 1],
      [6, 4],
    ]);
    for (const { bin, bins, x, width } of pieces) {
      expect(x).toBeCloseTo(xOf(plot, edges[bin]));
      expect(x + width).toBeCloseTo(xOf(plot, edges[bin + bins]));
    }
    expect(pieces[0].x).toBeCloseTo(0);
    expect(pieces[2].x + pieces[2].width).toBeCloseTo(800);
  });

  it("are left out where nobody looks", () => {
    const plot = { fold: STRAIGHT, span: { from: 200, to: 300 }, left: 0, width: 100 };
    expect(piecesOf(binEdges(0, 100, 10, []), plot)).toEqual([]);
  });
});

describe("pixels of machines", () => {
  it("are the darker the more ran, and empty where nothing did", () => {
    const lanes = lanesOf(
      ["a", "b"],
      [
        [0, 0, 2, 0],
        [1, 1, 4, 0],
      ],
      2,
    );
    const pixels = heatPixels(lanes, [1, 0], 4, "#0072b2");
    const at = (row: number, bin: number) => [...pixels.slice(4 * (row * 2 + bin), 4 * (row * 2 + bin) + 4)];
    expect(at(0, 1)).toEqual([0, 114, 178, 255]);
    expect(at(1, 0)).toEqual([0, 114, 178, 147]);
    expect(at(0, 0)).toEqual([0, 0, 0, 0]);
  });

  it("have the numbers of their colour", () => {
    expect(rgbOf("#d55e00")).toEqual([213, 94, 0]);
  });
});
