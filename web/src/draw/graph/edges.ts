import { type Camera, type Rect, type Size, seen } from "@/draw/graph/camera";
import type { Layout } from "@/draw/graph/layout";
import type { Paints } from "@/draw/graph/paints";
import type { Content, Marks, Scene } from "@/draw/graph/scene";

/** What is drawn of a path: lines only, so that a canvas or a recorder of tests will do. */
export type Pen = Pick<CanvasRenderingContext2D, "beginPath" | "moveTo" | "lineTo" | "bezierCurveTo" | "stroke"> & {
  strokeStyle: unknown;
  lineWidth: number;
  globalAlpha: number;
};

/** Lines of one look are drawn by one call. */
const CLASSES = 5;
/** With more edges than this each is fainter: where they meet they would be one dark patch. */
const MANY = 60;

/** The edges of a close-up along their ways; broad where many jobs wait. The drawing is in units of the plane. */
export function routedEdges(pen: Pen, scene: Scene, content: Content, marks: Marks, paints: Paints, k: number): void {
  const { parent, child } = scene.shape;
  const dark: number[] = [];
  const pale: number[] = [];
  for (let edge = 0; edge < parent.length; edge++) {
    if (parent[edge] === child[edge]) continue;
    (isLit(parent[edge], child[edge], marks) ? dark : pale).push(edge);
  }
  const told = marks.path !== undefined || marks.chosen >= 0;
  strokeRoutes(pen, scene, content, pale, paints.line, 0.8, k);
  if (told) strokeRoutes(pen, scene, content, dark, paints.accent, 1, k);
  else strokeRoutes(pen, scene, content, dark, paints.edge, dark.length > MANY ? 0.5 : 0.85, k);
}

function isLit(parent: number, child: number, { path, chosen }: Marks): boolean {
  if (path) return path[parent] === 1 && path[child] === 1;
  return chosen < 0 || parent === chosen || child === chosen;
}

function strokeRoutes(
  pen: Pen,
  { layout }: Scene,
  { weight }: Content,
  edges: number[],
  colour: string,
  alpha: number,
  k: number,
): void {
  pen.strokeStyle = colour;
  pen.globalAlpha = alpha;
  const widths = new Map<number, number[]>();
  for (const edge of edges) {
    const width = weight ? widthOf(weight[edge]) : 1.2;
    const same = widths.get(width);
    if (same) same.push(edge);
    else widths.set(width, [edge]);
  }
  for (const [width, same] of widths) {
    pen.lineWidth = Math.max(width, 1 / k);
    pen.beginPath();
    for (const edge of same) route(pen, layout.points!, layout.routes![edge], layout.routes![edge + 1], layout.flow);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

/** How broad so many edges are drawn, in half units: 1 is 1, 1,000 is 5.5, 1,000,000 is 10. */
export function widthOf(edges: number): number {
  return Math.min(10, Math.round(2 * (1 + 0.45 * Math.log2(Math.max(1, edges)))) / 2);
}

function route(pen: Pen, points: Float32Array, from: number, to: number, flow: "right" | "down"): void {
  pen.moveTo(points[2 * from], points[2 * from + 1]);
  for (let at = from + 1; at < to; at++) {
    curve(pen, points[2 * at - 2], points[2 * at - 1], points[2 * at], points[2 * at + 1], flow);
  }
}

function curve(pen: Pen, x0: number, y0: number, x1: number, y1: number, flow: "right" | "down"): void {
  if (flow === "right") {
    const middle = (x0 + x1) / 2;
    pen.bezierCurveTo(middle, y0, middle, y1, x1, y1);
  } else {
    const middle = (y0 + y1) / 2;
    pen.bezierCurveTo(x0, middle, x1, middle, x1, y1);
  }
}

/** Edges of an overview from far: bundles, darker the more edges they stand for. */
export function bundledEdges(
  pen: Pen,
  scene: Scene,
  camera: Camera,
  window: Size,
  paints: Paints,
  faint: number,
): void {
  const { bundles, layout } = scene;
  if (!bundles) return;
  const rect = seen(camera, window);
  pen.strokeStyle = paints.edge;
  const rows = bundles.count.length;
  for (let step = 0; step < CLASSES; step++) {
    pen.globalAlpha = faint * (0.18 + (0.5 * step) / (CLASSES - 1));
    pen.lineWidth = (0.6 + (1.8 * step) / (CLASSES - 1)) / camera.k;
    pen.beginPath();
    for (let row = 0; row < rows; row++) {
      if (classOf(bundles.count[row], bundles.most) !== step) continue;
      const [x0, y0, x1, y1] = bundles.ends.subarray(4 * row, 4 * row + 4);
      if (!crosses(x0, y0, x1, y1, rect)) continue;
      pen.moveTo(x0, y0);
      curve(pen, x0, y0, x1, y1, layout.flow);
    }
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

function classOf(count: number, most: number): number {
  return most < 2 ? CLASSES - 1 : Math.min(CLASSES - 1, Math.floor((CLASSES * Math.log(count)) / Math.log(most + 1)));
}

function crosses(x0: number, y0: number, x1: number, y1: number, rect: Rect): boolean {
  return (
    Math.max(x0, x1) >= rect.left &&
    Math.min(x0, x1) <= rect.right &&
    Math.max(y0, y1) >= rect.top &&
    Math.min(y0, y1) <= rect.bottom
  );
}

/** Single edges at the nodes that can be seen; false when there would be more than `most`, and none is drawn. */
export function singleEdges(
  pen: Pen,
  scene: Scene,
  nodes: Uint32Array,
  marks: Marks,
  paints: Paints,
  k: number,
  most: number,
): boolean {
  const ends = endsAt(scene, nodes, most);
  if (!ends) return false;
  const told = marks.path !== undefined || marks.chosen >= 0;
  if (!told) strokeEnds(pen, scene.layout, ends, () => true, { colour: paints.edge, alpha: 0.6, width: 1 / k });
  else {
    const lit = (parent: number, child: number) => isLit(parent, child, marks);
    const dim = (parent: number, child: number) => !lit(parent, child);
    strokeEnds(pen, scene.layout, ends, dim, { colour: paints.edge, alpha: 0.2, width: 1 / k });
    strokeEnds(pen, scene.layout, ends, lit, { colour: paints.accent, alpha: 1, width: 1.6 / k });
  }
  return true;
}

/** Parent and child, by turns, of each edge at these nodes; undefined for more than `most`. */
function endsAt({ up, down, shape }: Scene, nodes: Uint32Array, most: number): number[] | undefined {
  let edges = 0;
  for (const node of nodes) edges += down.first[node + 1] - down.first[node] + up.first[node + 1] - up.first[node];
  if (edges > most) return undefined;
  const isSeen = new Uint8Array(shape.count);
  for (const node of nodes) isSeen[node] = 1;
  const ends: number[] = [];
  for (const node of nodes) {
    for (const child of down.list.subarray(down.first[node], down.first[node + 1])) ends.push(node, child);
    for (const parent of up.list.subarray(up.first[node], up.first[node + 1])) {
      if (!isSeen[parent]) ends.push(parent, node);
    }
  }
  return ends;
}

interface Ink {
  colour: string;
  alpha: number;
  width: number;
}

function strokeEnds(
  pen: Pen,
  { x, y, w, flow }: Layout,
  ends: number[],
  wanted: (parent: number, child: number) => boolean,
  { colour, alpha, width }: Ink,
): void {
  pen.strokeStyle = colour;
  pen.globalAlpha = alpha;
  pen.lineWidth = width;
  pen.beginPath();
  for (let at = 0; at < ends.length; at += 2) {
    const [parent, child] = [ends[at], ends[at + 1]];
    if (parent !== child && wanted(parent, child)) straight(pen, x, y, parent, child, w / 2, flow);
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

function straight(
  pen: Pen,
  x: Float32Array,
  y: Float32Array,
  parent: number,
  child: number,
  half: number,
  flow: "right" | "down",
): void {
  pen.moveTo(x[parent] + half, y[parent]);
  curve(pen, x[parent] + half, y[parent], x[child] - half, y[child], flow);
}

/** The edges of a path through an overview, at most so many: those of what is lit, near and far. */
export function pathEdges(pen: Pen, scene: Scene, path: Uint8Array, paints: Paints, k: number, most: number): void {
  const { parent, child } = scene.shape;
  const { x, y, w, flow } = scene.layout;
  pen.strokeStyle = paints.accent;
  pen.globalAlpha = 0.7;
  pen.lineWidth = 1.2 / k;
  pen.beginPath();
  let drawn = 0;
  for (let edge = 0; edge < parent.length && drawn < most; edge++) {
    if (!path[parent[edge]] || !path[child[edge]]) continue;
    straight(pen, x, y, parent[edge], child[edge], w / 2, flow);
    drawn += 1;
  }
  pen.stroke();
  pen.globalAlpha = 1;
}
