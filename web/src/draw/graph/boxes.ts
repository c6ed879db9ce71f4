import type { Layout } from "@/draw/graph/layout";
import type { Paints } from "@/draw/graph/paints";
import type { Content, Marks } from "@/draw/graph/scene";

const PALE = 0.25;
const LEAST_ICON_PX = 10;
/** Boxes lower than this show no text. */
const LEAST_TEXT_PX = 30;
const SMALL_PX = 10;

/** Single jobs as tiles: colour of the state, and its shape where it can be seen. In units of the plane. */
export function jobTiles(
  ctx: CanvasRenderingContext2D,
  { x, y, w, h }: Layout,
  content: Content,
  nodes: Uint32Array,
  marks: Marks,
  paints: Paints,
  k: number,
): void {
  const icon = h * k >= LEAST_ICON_PX ? h * 0.72 : 0;
  for (const node of nodes) {
    const state = content.states[node];
    ctx.globalAlpha = marks.path && !marks.path[node] ? PALE : 1;
    ctx.fillStyle = paints.fill[state];
    ctx.fillRect(x[node] - w / 2, y[node] - h / 2, w, h);
    if (icon) drawIcon(ctx, paints, state, x[node] - icon / 2, y[node] - icon / 2, icon, paints.ink);
  }
  ctx.globalAlpha = 1;
}

/** Single jobs as boxes: shape and colour of the state, and the name. In units of the plane. */
export function jobBoxes(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  content: Content,
  nodes: Uint32Array,
  marks: Marks,
  paints: Paints,
  k: number,
): void {
  const { w, h } = layout;
  const icon = h * 0.56;
  const size = Math.min(13, h * 0.45);
  for (const node of nodes) {
    const state = content.states[node];
    const [x, y] = [layout.x[node] - w / 2, layout.y[node] - h / 2];
    ctx.globalAlpha = marks.path && !marks.path[node] ? PALE : 1;
    ctx.fillStyle = paints.paper; // edges that run behind do not shine through a pale box
    box(ctx, x, y, w, h, Math.min(5, h * 0.2));
    ctx.fill();
    ctx.fillStyle = paints.wash[state];
    ctx.fill();
    frame(ctx, content.nested?.[node] === 1, x, y, layout, paints.fill[state], k);
    drawIcon(ctx, paints, state, x + (h - icon) / 2, y + (h - icon) / 2, icon, paints.text[state]);
    ctx.fillStyle = paints.ink;
    write(ctx, content.label(node), x + h * 0.95, y + h / 2, w - h * 1.15, `${size}px ${paints.font}`, size);
  }
  ctx.globalAlpha = 1;
}

/** The frame of a box; a second one where a workflow of its own lies behind it. */
function frame(
  ctx: CanvasRenderingContext2D,
  nested: boolean,
  x: number,
  y: number,
  { w, h }: Layout,
  colour: string,
  k: number,
): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = Math.max(1, 1 / k);
  ctx.stroke();
  if (!nested) return;
  box(ctx, x - 3, y - 3, w + 6, h + 6, 7);
  ctx.stroke();
}

/** Boxes of groups: name, how many jobs, and a bar of their states. In units of the plane. */
export function groupBoxes(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  content: Content,
  nodes: Uint32Array,
  marks: Marks,
  paints: Paints,
  k: number,
): void {
  const { w, h } = layout;
  const readable = h * k >= LEAST_TEXT_PX;
  const small = h * k >= LEAST_ICON_PX ? (SMALL_PX * paints.ratio) / k : 0;
  for (const node of nodes) {
    const [x, y] = [layout.x[node] - w / 2, layout.y[node] - h / 2];
    ctx.globalAlpha = marks.path && !marks.path[node] ? PALE : 1;
    ctx.fillStyle = paints.paper;
    box(ctx, x, y, w, h, 7);
    ctx.fill();
    ctx.strokeStyle = paints.edge;
    ctx.lineWidth = Math.max(1, 1 / k);
    ctx.stroke();
    if (!readable) {
      bar(ctx, content, node, x + 3, y + 3, w - 6, h - 6, paints);
      if (small) over(ctx, content.label(node), x, y, layout, small, paints);
      continue;
    }
    const state = content.states[node];
    drawIcon(ctx, paints, state, x + 10, y + 11, 15, paints.text[state]);
    ctx.fillStyle = paints.ink;
    write(ctx, content.label(node), x + 31, y + 19, w - 42, `600 13px ${paints.font}`, 13);
    ctx.fillStyle = paints.muted;
    write(ctx, content.note(node), x + 31, y + 35, w - 42, `11px ${paints.font}`, 11);
    bar(ctx, content, node, x + 10, y + h - 13, w - 20, 7, paints);
  }
  ctx.globalAlpha = 1;
}

/** A name over a box that is too small for all else. */
function over(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  { w, h }: Layout,
  size: number,
  paints: Paints,
): void {
  ctx.font = `${size}px ${paints.font}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  const told = shortened(text, Math.floor(w / (size * 0.56)));
  ctx.strokeStyle = paints.paper;
  ctx.lineWidth = size * 0.3;
  ctx.strokeText(told, x + w / 2, y + h / 2, w);
  ctx.fillStyle = paints.ink;
  ctx.fillText(told, x + w / 2, y + h / 2, w);
  ctx.textAlign = "start";
}

/** Jobs by state along a bar; what is there at all is at least a unit broad. What failed or never runs is hatched. */
function bar(
  ctx: CanvasRenderingContext2D,
  { parts, stateCount }: Content,
  node: number,
  x: number,
  y: number,
  w: number,
  h: number,
  paints: Paints,
): void {
  const row = parts!.subarray(node * stateCount, (node + 1) * stateCount);
  const widths = shares(row, w);
  let at = x;
  for (const state of paints.order) {
    if (!widths[state]) continue;
    ctx.fillStyle = paints.fill[state];
    ctx.fillRect(at, y, widths[state], h);
    if (paints.dyes.urgent[state]) hatch(ctx, at, y, widths[state], h, paints.paper);
    at += widths[state];
  }
}

/** The width of each part of a bar; together they are `w`, and none that is there is less than 2. */
export function shares(row: Uint32Array, w: number): Float64Array {
  const total = row.reduce((sum, n) => sum + n, 0);
  const widths = Float64Array.from(row, (n) => (n ? Math.max(2, (n / Math.max(1, total)) * w) : 0));
  const over = widths.reduce((sum, one) => sum + one, 0) - w;
  if (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(0, widths[widest] - over);
  }
  return widths;
}

function hatch(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, colour: string): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let at = x + 3; at < x + w; at += 4) {
    ctx.moveTo(at, y);
    ctx.lineTo(Math.max(x, at - 3), y + h);
  }
  ctx.stroke();
}

function box(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
}

/** The shape of a state, which lies in a box of 16 by 16. */
function drawIcon(
  ctx: CanvasRenderingContext2D,
  paints: Paints,
  state: number,
  x: number,
  y: number,
  size: number,
  colour: string,
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 16, size / 16);
  if (paints.solid[state]) {
    ctx.fillStyle = colour;
    ctx.fill(paints.icons[state]);
  } else {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.stroke(paints.icons[state]);
  }
  ctx.restore();
}

/** Text on one line around the height `y`, its middle left out where it is too long. */
function write(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  room: number,
  font: string,
  size: number,
): void {
  ctx.font = font;
  ctx.textBaseline = "middle";
  ctx.fillText(shortened(text, Math.floor(room / (size * 0.56))), x, y, room);
}

/** At most `most` characters: the beginning and the end, which tells names of jobs apart. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  if (most < 4) return text.slice(0, Math.max(1, most));
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(text.length - end)}`;
}
