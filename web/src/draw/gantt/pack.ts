/** Bars of a lane side by side: none lies over another. */

import { type Bars, RUNNING, WAITING } from "@/draw/gantt/picture";

/** Which row of its lane a bar lies in, and how many rows each lane has. */
export interface Packed {
  row: Uint32Array;
  rows: Uint32Array;
  /** Bars in the order of their beginnings, as they were packed. */
  order: Uint32Array;
}

/** When a bar begins to take room: with its scripts and its wait (`phases`), or on its machine. Seconds of the picture. */
export function beginOf(bars: Bars, bar: number, phases: boolean): number {
  return phases || bars.state[bar] === WAITING ? bars.begin[bar] : bars.execute[bar];
}

/** When it ends to; what lasts never does. */
export function endOf(bars: Bars, bar: number, phases: boolean): number {
  if (bars.state[bar] === RUNNING || bars.state[bar] === WAITING) return Number.POSITIVE_INFINITY;
  return phases ? bars.over[bar] : Math.max(bars.end[bar], bars.execute[bar]);
}

/**
 * Each bar into the first row of its lane that is free by then, in the order in which they begin: what comes later moves
 * nothing that is there.
 */
export function pack(bars: Bars, phases: boolean): Packed {
  const order = Uint32Array.from({ length: bars.count }, (_, bar) => bar);
  const begins = Float64Array.from(order, (bar) => beginOf(bars, bar, phases));
  order.sort((a, b) => begins[a] - begins[b] || a - b);
  const row = new Uint32Array(bars.count);
  const free: FreeRows[] = bars.lanes.map(() => new FreeRows());
  for (const bar of order) row[bar] = free[bars.lane[bar]].take(begins[bar], endOf(bars, bar, phases));
  return { row, rows: Uint32Array.from(free, (lane) => Math.max(1, lane.count)), order };
}

/** Rows by when they are free again. */
class FreeRows {
  private readonly until: number[] = [];

  get count(): number {
    return this.until.length;
  }

  /** The first row that is free at `begin`; it is taken until `end`. */
  take(begin: number, end: number): number {
    let row = this.until.findIndex((until) => until <= begin);
    if (row < 0) row = this.until.length;
    this.until[row] = Math.max(end, begin);
    return row;
  }
}
