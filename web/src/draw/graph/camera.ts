/** Which part of the plane a window shows: `x`, `y` (of the plane) lie in the middle of it, `k` pixels are one unit. */
export interface Camera {
  x: number;
  y: number;
  k: number;
}

/** Of a window in pixels, or of the plane in its units. */
export interface Size {
  width: number;
  height: number;
}

export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const MARGIN = 16;
export const MOST_K = 8;

/** The whole plane in the window, no larger than `most`; `foot` pixels at the lower edge are left free. */
export function fitted(plane: Size, window: Size, most = 1.4, foot = 0): Camera {
  const k = Math.min(
    most,
    Math.max(1, window.width - 2 * MARGIN) / Math.max(1, plane.width),
    Math.max(1, window.height - 2 * MARGIN - foot) / Math.max(1, plane.height),
  );
  return { x: plane.width / 2, y: plane.height / 2 + foot / 2 / k, k };
}

/** What of the plane can be seen. */
export function seen(camera: Camera, window: Size): Rect {
  const w = window.width / 2 / camera.k;
  const h = window.height / 2 / camera.k;
  return { left: camera.x - w, top: camera.y - h, right: camera.x + w, bottom: camera.y + h };
}

/** The place of the plane under a pixel of the window. */
export function placeAt(camera: Camera, window: Size, px: number, py: number): { x: number; y: number } {
  return { x: camera.x + (px - window.width / 2) / camera.k, y: camera.y + (py - window.height / 2) / camera.k };
}

/** Zoom by a factor; what is under the pixel stays under it. */
export function zoomAt(camera: Camera, plane: Size, window: Size, px: number, py: number, by: number): Camera {
  const least = fitted(plane, window).k / 4;
  const k = Math.min(MOST_K, Math.max(least, camera.k * by));
  const { x, y } = placeAt(camera, window, px, py);
  return kept({ x: x - (px - window.width / 2) / k, y: y - (py - window.height / 2) / k, k }, plane);
}

/** Move what is seen by so many pixels. */
export function pan(camera: Camera, plane: Size, dx: number, dy: number): Camera {
  return kept({ x: camera.x - dx / camera.k, y: camera.y - dy / camera.k, k: camera.k }, plane);
}

/** The middle of the window stays over the plane, so that nobody gets lost. */
function kept(camera: Camera, plane: Size): Camera {
  return {
    x: Math.min(plane.width, Math.max(0, camera.x)),
    y: Math.min(plane.height, Math.max(0, camera.y)),
    k: camera.k,
  };
}

/** See a node in the middle, large enough to be read. */
export function centred(camera: Camera, x: number, y: number, h: number): Camera {
  return { x, y, k: Math.max(camera.k, Math.min(1, 22 / h), 12 / h) };
}
