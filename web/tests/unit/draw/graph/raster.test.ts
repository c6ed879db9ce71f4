import { describe, expect, it } from "vitest";
import { layoutOf } from "@/draw/graph/layout";
import { mixed, pixelOf, raster } from "@/draw/graph/raster";
import { shapeOf } from "./made";

const DONE = pixelOf("#00ff00");
const FAILED = pixelOf("#ff0000");
const PALE = pixelOf("#eeeeee");
const dyes = {
  colour: Uint32Array.of(DONE, FAILED),
  pale: Uint32Array.of(PALE, PALE),
  urgent: Uint8Array.of(0, 1),
};
const window = { width: 300, height: 200 };

function painted(states: Uint8Array, k: number, path?: Uint8Array): Uint32Array {
  const layout = layoutOf(shapeOf(states.length, []), "jobs", 1.5);
  const pixels = new Uint32Array(window.width * window.height);
  raster(pixels, window, layout, states, { x: layout.width / 2, y: layout.height / 2, k }, dyes, path);
  return pixels;
}

describe("raster", () => {
  it("shows the one failed job among thousands", () => {
    const states = new Uint8Array(5000);
    states[2500] = 1;
    const pixels = painted(states, 0.15);
    expect(pixels.filter((pixel) => pixel === FAILED).length).toBeGreaterThanOrEqual(16);
    expect(pixels.includes(DONE)).toBe(true);
  });

  it("paints nothing outside the window, whatever the zoom", () => {
    for (const k of [0.001, 0.05, 1, 7]) expect(() => painted(new Uint8Array(1000), k)).not.toThrow();
  });

  it("pales what is off the path", () => {
    const path = new Uint8Array(1000);
    path[7] = 1;
    const pixels = painted(new Uint8Array(1000), 0.3, path);
    expect(pixels.includes(PALE)).toBe(true);
    expect(pixels.filter((pixel) => pixel === DONE).length).toBeLessThan(20);
  });
});

describe("colours", () => {
  it("are read in both lengths and mixed", () => {
    expect(pixelOf("#fff")).toBe(0xffffffff);
    expect(pixelOf("#102030")).toBe(0xff302010);
    expect(mixed("#000000", "#fff", 0.5)).toBe("#808080");
  });
});
