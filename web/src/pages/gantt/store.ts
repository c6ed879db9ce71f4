/** What is looked at, outside of React: canvases draw at every movement, components only hear when it has come to rest. */

import { type Fold, STRAIGHT, toFolded, toTime } from "@/draw/gantt/fold";
import { panned, type Span, sameSpan, within, zoomed } from "@/draw/gantt/view";

/** Epoch seconds. */
export interface TimeSpan {
  start: number;
  end: number;
}

export class GanttStore {
  fold: Fold = STRAIGHT;
  /** All of the run, and what is seen of it, in folded seconds. Undefined before anything is known. */
  whole: Span | undefined;
  span: Span | undefined;
  /** The time under the pointer. */
  cursorTs: number | undefined;
  private wholeTime: TimeSpan | undefined;
  private wanted: { since?: number | undefined; until?: number | undefined };
  private readonly watchers = new Set<() => void>();

  constructor(wanted: { since?: number | undefined; until?: number | undefined } = {}) {
    this.wanted = wanted;
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** The time of the run is known, or has grown. Who looks at its end keeps looking there. */
  setWhole(time: TimeSpan): void {
    const before = this.wholeTime;
    if (before && before.start === time.start && before.end === time.end) return;
    const atEnd = this.isAtEnd();
    const all = this.isWhole();
    this.wholeTime = time;
    const whole = { from: toFolded(this.fold, time.start), to: toFolded(this.fold, time.end) };
    const grown = this.whole ? whole.to - this.whole.to : 0;
    this.whole = whole;
    if (!this.span) this.span = this.first(whole);
    else if (all) this.span = whole;
    else if (atEnd && grown > 0) this.span = { from: this.span.from + grown, to: this.span.to + grown };
    this.changed();
  }

  /** Squeeze other times: what is seen stays about the same. */
  setFold(fold: Fold): void {
    if (fold === this.fold) return;
    const seen = this.seen();
    const all = this.isWhole();
    this.fold = fold;
    if (this.wholeTime) this.whole = this.folded(this.wholeTime);
    if (seen && this.whole) this.span = all ? this.whole : within(this.folded(seen), this.whole);
    this.changed();
  }

  /** What is seen, as times. */
  seen(): TimeSpan | undefined {
    return this.span && { start: toTime(this.fold, this.span.from), end: toTime(this.fold, this.span.to) };
  }

  /** Whether all is seen. */
  isWhole(): boolean {
    return !!this.whole && !!this.span && sameSpan(this.span, this.whole);
  }

  /** Whether the end is seen, so that it moves along with a run that goes on. */
  isAtEnd(): boolean {
    if (!this.whole || !this.span) return false;
    return Math.abs(this.span.to - this.whole.to) < (this.span.to - this.span.from) * 1e-3;
  }

  /** Look at a part. */
  look(span: Span): void {
    if (!this.whole) return;
    this.span = within(span, this.whole);
    this.changed();
  }

  /** Look at all. */
  lookAtAll(): void {
    if (this.whole) this.look(this.whole);
  }

  /** Zoom around a place (folded seconds; the middle without one). Says whether anything changed. */
  zoom(factor: number, at?: number): boolean {
    if (!this.span || !this.whole) return false;
    const next = zoomed(this.span, factor, at ?? (this.span.from + this.span.to) / 2, this.whole);
    const changes = !sameSpan(next, this.span);
    if (changes) this.look(next);
    return changes;
  }

  /** Go on by a share of what is seen. */
  pan(share: number): void {
    if (this.span && this.whole) this.look(panned(this.span, share * (this.span.to - this.span.from), this.whole));
  }

  /** The pointer is at a time, or nowhere. */
  point(ts: number | undefined): void {
    if (this.cursorTs === ts) return;
    this.cursorTs = ts;
    this.changed();
  }

  private first(whole: Span): Span {
    const { since, until } = this.wanted;
    const from = since === undefined ? whole.from : toFolded(this.fold, since);
    const to = until === undefined ? whole.to : toFolded(this.fold, until);
    const least = (whole.to - whole.from) * 1e-6;
    return to - from > least && to > whole.from && from < whole.to ? within({ from, to }, whole) : whole;
  }

  private folded(time: TimeSpan): Span {
    return { from: toFolded(this.fold, time.start), to: toFolded(this.fold, time.end) };
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
  }
}
