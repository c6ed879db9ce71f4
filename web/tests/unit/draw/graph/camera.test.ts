import { describe, expect, it } from "vitest";
import { centred, fitted, pan, placeAt, seen, zoomAt } from "@/draw/graph/camera";

const plane = { width: 4000, height: 1000 };
const window = { width: 800, height: 600 };

describe("a camera", () => {
  it("fitted to the plane sees all of it, above the foot", () => {
    const camera = fitted(plane, window, 1.4, 40);
    const rect = seen(camera, window);
    expect(rect.left).toBeLessThanOrEqual(0);
    expect(rect.right).toBeGreaterThanOrEqual(plane.width);
    expect(placeAt(camera, window, 0, 560).y).toBeGreaterThan(plane.height);
    expect(fitted({ width: 10, height: 10 }, window).k).toBe(1.4);
  });

  it("that zooms keeps what is under the pointer under it", () => {
    const camera = { x: 2000, y: 500, k: 0.5 };
    const before = placeAt(camera, window, 500, 200);
    const after = placeAt(zoomAt(camera, plane, window, 500, 200, 1.5), window, 500, 200);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it("never loses the plane", () => {
    let camera = fitted(plane, window);
    for (let i = 0; i < 50; i++) camera = pan(camera, plane, -900, 700);
    expect(camera.x).toBe(plane.width);
    expect(camera.y).toBe(0);
    for (let i = 0; i < 50; i++) camera = zoomAt(camera, plane, window, 1, 1, 0.5);
    expect(camera.k).toBeGreaterThan(0);
  });

  it("that is centred makes a node readable and never zooms out", () => {
    expect(centred({ x: 0, y: 0, k: 0.01 }, 30, 40, 10)).toEqual({ x: 30, y: 40, k: 1.2 });
    expect(centred({ x: 0, y: 0, k: 5 }, 30, 40, 10).k).toBe(5);
  });
});
