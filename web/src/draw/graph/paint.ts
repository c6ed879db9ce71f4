import { groupBoxes, jobBoxes, jobTiles, shortened } from "@/draw/graph/boxes";
import { type Camera, type Size, seen } from "@/draw/graph/camera";
import { bundledEdges, pathEdges, routedEdges, singleEdges } from "@/draw/graph/edges";
import { nodesIn } from "@/draw/graph/grid";
import type { Paints } from "@/draw/graph/paints";
import { raster } from "@/draw/graph/raster";
import type { Content, Marks, Scene } from "@/draw/graph/scene";

/** Nodes lower than this are pixels, not shapes. */
const LEAST_SHAPE_PX = 8;
/** Boxes narrower than this show no name. */
const LEAST_NAME_PX = 76;
const MOST_SHAPES = 20_000;
const MOST_SINGLE_EDGES = 6000;
const MOST_PATH_EDGES = 3000;

/** Pixels that are laid over a picture, kept between frames. */
export interface Film {
  pixels: Uint32Array;
  /** Put the pixels on the picture. */
  show(ctx: CanvasRenderingContext2D): void;
}

/** Paint what the window shows of a graph. `window` is in pixels of the device, `filmOf` gives a film of that size. */
export function paint(
  ctx: CanvasRenderingContext2D,
  window: Size,
  scene: Scene,
  content: Content,
  marks: Marks,
  camera: Camera,
  paints: Paints,
  filmOf: (window: Size) => Film,
): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = paints.ground;
  ctx.fillRect(0, 0, window.width, window.height);
  toPlane(ctx, window, camera);
  const { layout } = scene;
  if (layout.routes) {
    routedEdges(ctx, scene, content, marks, paints, camera.k);
    shapes(ctx, scene, content, visible(scene, camera, window), marks, paints, camera.k);
  } else if (layout.h * camera.k >= LEAST_SHAPE_PX) {
    const nodes = visible(scene, camera, window);
    if (!singleEdges(ctx, scene, nodes, marks, paints, camera.k, MOST_SINGLE_EDGES)) {
      far(ctx, window, scene, marks, camera, paints);
    }
    shapes(ctx, scene, content, nodes, marks, paints, camera.k);
  } else {
    bundledEdges(ctx, scene, camera, window, paints, marks.path ? 0.4 : 1);
    const film = filmOf(window);
    raster(film.pixels, window, layout, content.states, camera, paints.dyes, marks.path);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    film.show(ctx);
    toPlane(ctx, window, camera);
    if (marks.path) pathEdges(ctx, scene, marks.path, paints, camera.k, MOST_PATH_EDGES);
  }
  headings(ctx, scene, content, camera, window, paints);
  ring(ctx, scene, marks.hover, paints.ink, 1.5, camera.k);
  ring(ctx, scene, marks.chosen, paints.accent, 3, camera.k);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
}

function toPlane(ctx: CanvasRenderingContext2D, window: Size, { x, y, k }: Camera): void {
  ctx.setTransform(k, 0, 0, k, window.width / 2 - x * k, window.height / 2 - y * k);
}

function visible(scene: Scene, camera: Camera, window: Size): Uint32Array {
  const into = new Uint32Array(Math.min(MOST_SHAPES, scene.shape.count));
  const found = nodesIn(scene.grid, scene.layout, seen(camera, window), into);
  return into.subarray(0, Math.min(found, into.length));
}

function shapes(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  content: Content,
  nodes: Uint32Array,
  marks: Marks,
  paints: Paints,
  k: number,
): void {
  const named = scene.layout.w * k >= LEAST_NAME_PX;
  const draw = content.parts ? groupBoxes : named ? jobBoxes : jobTiles;
  draw(ctx, scene.layout, content, nodes, marks, paints, k);
}

function far(
  ctx: CanvasRenderingContext2D,
  window: Size,
  scene: Scene,
  marks: Marks,
  camera: Camera,
  paints: Paints,
): void {
  bundledEdges(ctx, scene, camera, window, paints, marks.path ? 0.4 : 1);
  if (marks.path) pathEdges(ctx, scene, marks.path, paints, camera.k, MOST_PATH_EDGES);
}

/** What nodes of a band run, the first of several kinds. */
function headingOf(samples: number[], content: Content): string {
  const [first, ...others] = new Set(samples.map((node) => content.note(node)));
  return shortened(first ?? "", 18) + (others.length ? ", …" : "");
}

/** A heading is left out where it would run into the next. */
const HEADING_PX = 11;
/** With more bands they would be all that is seen. */
const MOST_HEADINGS = 40;

/** Over each band what its jobs run; it stays in the window while its band is seen. */
function headings(
  ctx: CanvasRenderingContext2D,
  { bands, layout }: Scene,
  content: Content,
  camera: Camera,
  window: Size,
  paints: Paints,
): void {
  if (!bands || bands.length > MOST_HEADINGS || content.parts) return;
  const rect = seen(camera, window);
  const size = (HEADING_PX * paints.ratio) / camera.k;
  ctx.font = `${size}px ${paints.font}`;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "center";
  let end = Number.NEGATIVE_INFINITY;
  let line = Number.NEGATIVE_INFINITY;
  for (const { left, right, top, samples } of bands) {
    if (right < rect.left || left > rect.right) continue;
    const text = headingOf(samples, content);
    const width = ctx.measureText(text).width;
    const room = width / 2 + size * 0.3;
    const x = Math.max(rect.left + room, Math.min(rect.right - room, (left + right) / 2));
    const y = Math.max(top - size * 0.3, Math.min(rect.top + size * 1.6, top + layout.height));
    if (Math.abs(y - line) < size && x - width / 2 < end) continue;
    end = x + width / 2 + size;
    line = y;
    ctx.fillStyle = paints.paper;
    ctx.globalAlpha = 0.8;
    ctx.fillRect(x - width / 2 - size * 0.2, y - size * 1.15, width + size * 0.4, size * 1.3);
    ctx.globalAlpha = 1;
    ctx.fillStyle = paints.muted;
    ctx.fillText(text, x, y);
  }
  ctx.textAlign = "start";
}

function ring(
  ctx: CanvasRenderingContext2D,
  { layout }: Scene,
  node: number,
  colour: string,
  px: number,
  k: number,
): void {
  if (node < 0 || node >= layout.x.length) return;
  const w = Math.max(layout.w, 7 / k) + 6 / k;
  const h = Math.max(layout.h, 7 / k) + 6 / k;
  ctx.strokeStyle = colour;
  ctx.lineWidth = px / k;
  ctx.beginPath();
  ctx.roundRect(layout.x[node] - w / 2, layout.y[node] - h / 2, w, h, 6 / k);
  ctx.stroke();
}

/** Paint the whole graph in small. */
export function paintMap(map: Size, film: Film, scene: Scene, content: Content, whole: Camera, paints: Paints): void {
  raster(film.pixels, map, scene.layout, content.states, whole, paints.dyes);
}

/** Show the graph in small, and what of it the window shows. */
export function showMap(
  ctx: CanvasRenderingContext2D,
  map: Size,
  film: Film,
  whole: Camera,
  shown: { camera: Camera; window: Size },
  paints: Paints,
): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = paints.paper;
  ctx.fillRect(0, 0, map.width, map.height);
  film.show(ctx);
  const rect = seen(shown.camera, shown.window);
  const px = (x: number) => (x - whole.x) * whole.k + map.width / 2;
  const py = (y: number) => (y - whole.y) * whole.k + map.height / 2;
  ctx.strokeStyle = paints.accent;
  ctx.lineWidth = 2;
  ctx.strokeRect(px(rect.left), py(rect.top), (rect.right - rect.left) * whole.k, (rect.bottom - rect.top) * whole.k);
}
