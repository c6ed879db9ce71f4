/** What hands do to a board. */
export interface Handled {
  pan(dx: number, dy: number): void;
  zoom(by: number, px: number, py: number): void;
  point(px: number, py: number, inside?: boolean): void;
  choose(px: number, py: number): void;
  open(px: number, py: number): void;
  lookAt(px: number, py: number): void;
  dirty(): void;
}

interface Finger {
  x: number;
  y: number;
}

/** A pointer that moved less was a click. */
const CLICK_PX = 4;

/** Mouse, wheel and fingers on the canvas of a graph and on its map. */
export class Gestures {
  private readonly fingers = new Map<number, Finger>();
  private readonly stop = new AbortController();
  private readonly board: Handled;
  private moved = 0;

  constructor(canvas: HTMLCanvasElement, map: HTMLCanvasElement, board: Handled) {
    this.board = board;
    const { signal } = this.stop;
    canvas.addEventListener("pointerdown", (event) => this.down(canvas, event), { signal });
    canvas.addEventListener("pointermove", (event) => this.move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.up(event), { signal });
    canvas.addEventListener("pointercancel", (event) => this.fingers.delete(event.pointerId), { signal });
    canvas.addEventListener("pointerleave", (event) => this.board.point(event.offsetX, event.offsetY, false), {
      signal,
    });
    canvas.addEventListener("dblclick", (event) => this.board.open(event.offsetX, event.offsetY), { signal });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    map.addEventListener("pointerdown", (event) => this.onMap(map, event), { signal });
    map.addEventListener("pointermove", (event) => event.buttons && this.onMap(map, event), { signal });
    const observer = new ResizeObserver(() => this.board.dirty());
    observer.observe(canvas);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  destroy(): void {
    this.stop.abort();
  }

  private down(canvas: HTMLCanvasElement, event: PointerEvent): void {
    canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.fingers.size === 1) this.moved = 0;
  }

  private move(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) {
      this.board.point(event.offsetX, event.offsetY);
      return;
    }
    const [dx, dy] = [event.offsetX - finger.x, event.offsetY - finger.y];
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.moved += Math.hypot(dx, dy);
    if (other) {
      const before = Math.hypot(finger.x - other.x, finger.y - other.y);
      const now = Math.hypot(event.offsetX - other.x, event.offsetY - other.y);
      this.board.pan(dx / 2, dy / 2);
      if (before > 0) this.board.zoom(now / before, (event.offsetX + other.x) / 2, (event.offsetY + other.y) / 2);
    } else if (this.moved > CLICK_PX) this.board.pan(dx, dy);
  }

  private up(event: PointerEvent): void {
    const alone = this.fingers.size === 1;
    if (this.fingers.delete(event.pointerId) && alone && this.moved <= CLICK_PX) {
      this.board.choose(event.offsetX, event.offsetY);
    }
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.shiftKey) this.board.pan(-event.deltaY - event.deltaX, 0);
    else
      this.board.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), event.offsetX, event.offsetY);
  }

  private onMap(map: HTMLCanvasElement, event: PointerEvent): void {
    if (event.type === "pointerdown") map.setPointerCapture(event.pointerId);
    this.board.lookAt(event.offsetX, event.offsetY);
  }
}
