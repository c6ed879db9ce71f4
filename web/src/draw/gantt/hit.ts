/** What lies under a pointer. */

import { type Layout, laneAt, PAD_PX } from "@/draw/gantt/layout";
import { beginOf, type Packed } from "@/draw/gantt/pack";
import { type Bars, type Lanes, RUNNING, WAITING } from "@/draw/gantt/picture";

/** Bars by row of all lanes, each row in order of time: found by halving. */
export interface BarIndex {
  /** The first row of each lane among all rows. */
  firstRow: Uint32Array;
  /** Where the bars of each row begin in `bars`. */
  offsets: Uint32Array;
  bars: Uint32Array;
}

/** The index of packed bars. */
export function indexOf(bars: Bars, { row, rows, order }: Packed): BarIndex {
  const firstRow = new Uint32Array(rows.length + 1);
  for (let lane = 0; lane < rows.length; lane += 1) firstRow[lane + 1] = firstRow[lane] + rows[lane];
  const offsets = new Uint32Array(firstRow[rows.length] + 1);
  for (let bar = 0; bar < bars.count; bar += 1) offsets[firstRow[bars.lane[bar]] + row[bar] + 1] += 1;
  for (let at = 1; at < offsets.length; at += 1) offsets[at] += offsets[at - 1];
  const next = offsets.slice();
  const sorted = new Uint32Array(bars.count);
  for (const bar of order) {
    const at = firstRow[bars.lane[bar]] + row[bar];
    sorted[next[at]] = bar;
    next[at] += 1;
  }
  return { firstRow, offsets, bars: sorted };
}

/** When the drawing of a bar ends, in seconds of the picture: with `now` when it lasts. */
export function drawnEnd(bars: Bars, bar: number, phases: boolean, now: number): number {
  if (bars.state[bar] === RUNNING || bars.state[bar] === WAITING) return Math.max(bars.over[bar], now);
  return phases ? bars.over[bar] : Math.max(bars.end[bar], bars.execute[bar]);
}

/** The bar at a place; `seconds` and `slack` (how near is near enough) and `now` in seconds of the picture. */
export function barAt(
  bars: Bars,
  index: BarIndex,
  layout: Layout,
  at: { seconds: number; slack: number; y: number; phases: boolean; now: number },
): number | undefined {
  const lane = laneAt(layout, at.y);
  if (!lane) return undefined;
  const inLane = Math.floor((at.y - lane.y - PAD_PX) / layout.rowHeight);
  const rows = index.firstRow[lane.lane + 1] - index.firstRow[lane.lane];
  const row = index.firstRow[lane.lane] + Math.min(rows - 1, Math.max(0, inLane));
  let low = index.offsets[row];
  let high = index.offsets[row + 1] - 1;
  let best: number | undefined;
  let nearest = at.slack;
  // the last bar that begins before, and the one behind it, may both be near
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (beginOf(bars, index.bars[middle], at.phases) <= at.seconds) low = middle + 1;
    else high = middle - 1;
  }
  for (const place of [low - 1, low]) {
    if (place < index.offsets[row] || place >= index.offsets[row + 1]) continue;
    const bar = index.bars[place];
    const before = beginOf(bars, bar, at.phases) - at.seconds;
    const after = at.seconds - drawnEnd(bars, bar, at.phases, at.now);
    const away = Math.max(0, before, after);
    if (away <= nearest) {
      best = bar;
      nearest = away;
    }
  }
  return best;
}

/** How many ran in a lane in a bin, and how many of these failed. */
export function levelAt(lanes: Lanes, lane: number, bin: number): { running: number; failing: number } {
  for (let n = 0; n < lanes.count; n += 1) {
    if (lanes.lane[n] === lane && lanes.bin[n] === bin) return { running: lanes.running[n], failing: lanes.failing[n] };
  }
  return { running: 0, failing: 0 };
}
