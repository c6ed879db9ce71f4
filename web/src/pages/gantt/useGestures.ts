import { type RefObject, useEffect, useRef } from "react";
import { foldedAt, type Plot, timeAt } from "@/draw/gantt/view";
import type { GanttStore } from "@/pages/gantt/store";

/** A pointer that moved less was a click. */
const STILL_PX = 4;

export interface Gestures {
  /** How time lies on the drawing now. */
  plot: () => Plot | undefined;
  /** Pixels from the left and top of the element; without scrolling. */
  onPoint?: (at: { x: number; y: number } | undefined) => void;
  onClick?: (at: { x: number; y: number; touch: boolean }) => void;
  /** The range that is being marked, in pixels; undefined when it is over. */
  onMark?: (range: [number, number] | undefined) => void;
}

/** Wheel zooms at the pointer, two fingers pinch, dragging pans, dragging with shift marks what to zoom to. */
export function useGestures(ref: RefObject<HTMLElement | null>, store: GanttStore, gestures: Gestures): void {
  const latest = useRef(gestures);
  latest.current = gestures;
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const hands = new Hands(element, store, () => latest.current);
    const listeners: [string, (event: never) => void, AddEventListenerOptions?][] = [
      ["wheel", hands.wheel, { passive: false }],
      ["pointerdown", hands.down],
      ["pointermove", hands.move],
      ["pointerup", hands.up],
      ["pointercancel", hands.cancel],
      ["pointerleave", hands.leave],
    ];
    for (const [name, listener, options] of listeners) {
      element.addEventListener(name, listener as EventListener, options);
    }
    return () => {
      for (const [name, listener] of listeners) element.removeEventListener(name, listener as EventListener);
    };
  }, [ref, store]);
}

interface Finger {
  x: number;
  y: number;
}

/** What pointers do on one element. */
class Hands {
  private readonly fingers = new Map<number, Finger>();
  private began: (Finger & { shift: boolean; moved: boolean }) | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly store: GanttStore,
    private readonly gestures: () => Gestures,
  ) {}

  wheel = (event: WheelEvent): void => {
    const plot = this.gestures().plot();
    if (!plot) return;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.store.pan((event.deltaX || event.deltaY) / plot.width);
      return;
    }
    const lines = event.deltaMode === 1 ? 24 : 1;
    const factor = Math.exp(Math.max(-300, Math.min(300, event.deltaY * lines)) * 0.0022);
    // where it goes no farther the page scrolls on
    if (this.store.zoom(factor, foldedAt(plot, this.placeOf(event).x))) event.preventDefault();
  };

  down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const place = this.placeOf(event);
    // beside the drawing lies the scroll bar
    if (place.x > this.element.clientWidth) return;
    this.fingers.set(event.pointerId, place);
    this.began = { ...place, shift: event.shiftKey, moved: false };
  };

  move = (event: PointerEvent): void => {
    const plot = this.gestures().plot();
    const place = this.placeOf(event);
    const before = this.fingers.get(event.pointerId);
    if (!plot) return;
    if (!before || !this.began) {
      this.point(plot, place);
      return;
    }
    if (!this.began.moved && Math.hypot(place.x - this.began.x, place.y - this.began.y) < STILL_PX) return;
    if (!this.began.moved) {
      this.began.moved = true;
      // only now: a captured pointer would send its click elsewhere
      this.element.setPointerCapture(event.pointerId);
    }
    if (this.fingers.size === 2) this.pinch(plot, event.pointerId, before, place);
    else if (this.began.shift) this.gestures().onMark?.([this.began.x, place.x]);
    else {
      this.store.pan((before.x - place.x) / plot.width);
      if (event.pointerType === "mouse") this.element.scrollTop += before.y - place.y;
    }
    this.fingers.set(event.pointerId, place);
    this.gestures().onPoint?.(undefined);
  };

  up = (event: PointerEvent): void => {
    const began = this.began;
    const known = this.fingers.delete(event.pointerId);
    if (!began || !known) return;
    const plot = this.gestures().plot();
    const place = this.placeOf(event);
    if (!began.moved) this.gestures().onClick?.({ ...place, touch: event.pointerType !== "mouse" });
    else if (began.shift && plot) {
      const [from, to] = [foldedAt(plot, began.x), foldedAt(plot, place.x)].sort((a, b) => a - b);
      this.store.look({ from, to });
    }
    this.gestures().onMark?.(undefined);
    if (this.fingers.size === 0) this.began = undefined;
  };

  cancel = (event: PointerEvent): void => {
    this.fingers.delete(event.pointerId);
    this.gestures().onMark?.(undefined);
    if (this.fingers.size === 0) this.began = undefined;
  };

  leave = (): void => {
    this.store.point(undefined);
    this.gestures().onPoint?.(undefined);
  };

  private point(plot: Plot, place: Finger): void {
    const inside = place.x >= plot.left && place.x <= plot.left + plot.width;
    this.store.point(inside ? timeAt(plot, place.x) : undefined);
    this.gestures().onPoint?.(place);
  }

  private pinch(plot: Plot, moving: number, before: Finger, place: Finger): void {
    const other = [...this.fingers].find(([id]) => id !== moving)?.[1];
    if (!other) return;
    const was = Math.max(10, Math.abs(before.x - other.x));
    const is = Math.max(10, Math.abs(place.x - other.x));
    this.store.zoom(was / is, foldedAt(plot, (place.x + other.x) / 2));
  }

  private placeOf(event: MouseEvent): Finger {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}
