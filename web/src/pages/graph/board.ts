import { type Camera, centred, fitted, pan, placeAt, type Size, zoomAt } from "@/draw/graph/camera";
import { nodeAt } from "@/draw/graph/grid";
import { paint, paintMap, showMap } from "@/draw/graph/paint";
import type { Paints } from "@/draw/graph/paints";
import type { Content, Marks, Scene } from "@/draw/graph/scene";
import { CanvasFilm } from "@/pages/graph/film";
import { Gestures } from "@/pages/graph/gestures";

export interface BoardListener {
  /** The node under the pointer (-1: none), and where in the window that is. */
  onHover(node: number, x: number, y: number): void;
  onChoose(node: number): void;
  onOpen(node: number): void;
}

/** What is shown; parts of it change at different times. */
interface Shown {
  scene: Scene;
  content: Content;
  paints: Paints;
}

/** A fingertip or a pointer need not hit exactly. */
const REACH_PX = 6;
/** Buttons lie there. */
const FOOT_PX = 40;
/** A graph of few nodes is not blown up to fill the window. */
const LARGEST_K = 1.4;

/** A graph on a canvas with its map: what is seen of it, and what one does to it. Paints at most once in a frame. */
export class Board {
  private readonly canvas: HTMLCanvasElement;
  private readonly map: HTMLCanvasElement;
  private readonly listener: BoardListener;
  private readonly gestures: Gestures;
  private readonly films = { main: new CanvasFilm(), map: new CanvasFilm() };
  private shown: Shown | undefined;
  private marks: Marks = { hover: -1, chosen: -1 };
  private camera: Camera = { x: 0, y: 0, k: 1 };
  /** Nothing was moved yet: the whole graph stays in view when the window changes. */
  private whole = true;
  private frame = 0;
  /** What the map was painted of. */
  private mapped: Shown | undefined;

  constructor(canvas: HTMLCanvasElement, map: HTMLCanvasElement, listener: BoardListener) {
    this.canvas = canvas;
    this.map = map;
    this.listener = listener;
    this.gestures = new Gestures(canvas, map, this);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.gestures.destroy();
  }

  /** Show a graph, or the same with other states, marks or colours. Another graph is shown whole. */
  show(shown: Shown, marks: Omit<Marks, "hover">): void {
    const other = this.shown?.scene !== shown.scene;
    this.shown = shown;
    this.marks = { ...marks, hover: other ? -1 : this.marks.hover };
    if (other) this.whole = true;
    this.dirty();
  }

  /** The whole graph in the window. */
  fit(): void {
    this.whole = true;
    this.dirty();
  }

  /** Zoom, at a pixel of the window or in its middle. */
  zoom(by: number, px = this.canvas.clientWidth / 2, py = this.canvas.clientHeight / 2): void {
    if (this.shown) this.move(zoomAt(this.seen(), this.shown.scene.layout, this.window, px, py, by));
  }

  pan(dx: number, dy: number): void {
    if (this.shown) this.move(pan(this.seen(), this.shown.scene.layout, dx, dy));
  }

  /** See a node in the middle. */
  centre(node: number): void {
    if (!this.shown) return;
    const { x, y, h } = this.shown.scene.layout;
    this.move(centred(this.seen(), x[node], y[node], h));
  }

  /** The pointer is at a pixel of the window, or has left it. */
  point(px: number, py: number, inside = true): void {
    const node = inside ? this.at(px, py) : -1;
    if (node !== this.marks.hover) {
      this.marks = { ...this.marks, hover: node };
      this.dirty();
    }
    this.listener.onHover(node, px, py);
  }

  choose(px: number, py: number): void {
    this.listener.onChoose(this.at(px, py));
  }

  open(px: number, py: number): void {
    const node = this.at(px, py);
    if (node >= 0) this.listener.onOpen(node);
  }

  /** What lies at a pixel of the map comes into the middle. */
  lookAt(px: number, py: number): void {
    if (!this.shown) return;
    const size = sizeOf(this.map);
    const { x, y } = placeAt(fitted(this.shown.scene.layout, size, 1), size, px, py);
    this.move(pan({ ...this.seen(), x, y }, this.shown.scene.layout, 0, 0));
  }

  /** Paint in the next frame. */
  dirty(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private get window(): Size {
    return sizeOf(this.canvas);
  }

  private seen(): Camera {
    return this.whole && this.shown ? fitted(this.shown.scene.layout, this.window, LARGEST_K, FOOT_PX) : this.camera;
  }

  private move(camera: Camera): void {
    this.camera = camera;
    this.whole = false;
    this.dirty();
  }

  private at(px: number, py: number): number {
    if (!this.shown) return -1;
    const camera = this.seen();
    const { x, y } = placeAt(camera, this.window, px, py);
    return nodeAt(this.shown.scene.grid, this.shown.scene.layout, x, y, REACH_PX / camera.k);
  }

  private draw(): void {
    this.frame = 0;
    if (!this.shown || !this.canvas.clientWidth) return;
    const { scene, content, paints } = this.shown;
    this.camera = this.seen();
    const ratio = devicePixelRatio;
    const main = contextOf(this.canvas, ratio);
    const camera = { ...this.camera, k: this.camera.k * ratio };
    const window = { width: this.canvas.width, height: this.canvas.height };
    paint(main, window, scene, content, this.marks, camera, paints, (size) => this.films.main.of(size));
    this.canvas.dataset.ready = "";
    this.drawMap({ camera, window });
  }

  /** The map stays as it is while one only moves about. */
  private drawMap(seen: { camera: Camera; window: Size }): void {
    this.map.hidden = this.whole; // the whole of it is there in large
    if (this.whole || !this.shown) return;
    const { scene, content, paints } = this.shown;
    const ctx = contextOf(this.map, devicePixelRatio);
    const size = { width: this.map.width, height: this.map.height };
    const all = fitted(scene.layout, size, devicePixelRatio);
    const film = this.films.map.of(size);
    if (this.mapped !== this.shown || film.blank) paintMap(size, film, scene, content, all, paints);
    this.mapped = this.shown;
    showMap(ctx, size, film, all, seen, paints);
  }
}

function sizeOf(element: HTMLElement): Size {
  return { width: element.clientWidth, height: element.clientHeight };
}

/** The pen of a canvas which has as many pixels as the device shows of it. */
function contextOf(canvas: HTMLCanvasElement, ratio: number): CanvasRenderingContext2D {
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d", { alpha: false })!;
}
