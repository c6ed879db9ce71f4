/** Failures over time: from columns to sums by bin. */

import type { Picture, TextColumn } from "@/api/columns";
import { epoch } from "@/words/format";

/** What ended in a bin, of a transformation. */
export interface Cell {
  kind: number;
  bin: number;
  ended: number;
  failed: number;
}

export interface FailuresData {
  startTs: number;
  endTs: number;
  bins: number;
  kinds: string[];
  ended: number;
  failed: number;
  endedIn: Uint32Array;
  failedIn: Uint32Array;
  cells: Cell[];
  exits: { exit: string; failed: number }[];
  at: (share: number) => number;
  tsOf: (bin: number) => number;
}

/** The chart that the service sent. */
export function readFailures({ facts, tables }: Picture): FailuresData {
  const startTs = epoch(facts.start_ts as string) ?? 0;
  const endTs = Math.max(epoch(facts.end_ts as string) ?? 0, startTs + 1e-3);
  const bins = Number(facts.bins);
  const { kind, bin, ended, failed } = tables.bins.columns as Record<string, Uint32Array>;
  const cells = Array.from(kind, (k, i) => ({ kind: k, bin: bin[i], ended: ended[i], failed: failed[i] }));
  const endedIn = new Uint32Array(bins);
  const failedIn = new Uint32Array(bins);
  for (const cell of cells) {
    endedIn[cell.bin] += cell.ended;
    failedIn[cell.bin] += cell.failed;
  }
  const exits = tables.exits.columns as { exit: TextColumn; failed: Uint32Array };
  return {
    startTs,
    endTs,
    bins,
    kinds: facts.kinds as string[],
    ended: endedIn.reduce((a, b) => a + b, 0),
    failed: failedIn.reduce((a, b) => a + b, 0),
    endedIn,
    failedIn,
    cells: cells.toSorted((a, b) => a.bin - b.bin || a.kind - b.kind),
    exits: Array.from({ length: tables.exits.rows }, (_, i) => ({ exit: exits.exit.at(i), failed: exits.failed[i] })),
    at: (share) => startTs + share * (endTs - startTs),
    tsOf: (at) => startTs + (at / bins) * (endTs - startTs),
  };
}

/** Transformations of which tries failed, those with most failures first. */
export function kindsThatFailed(data: FailuresData): { name: string; ended: number; failed: number }[] {
  const sums = data.kinds.map((name) => ({ name, ended: 0, failed: 0 }));
  for (const cell of data.cells) {
    sums[cell.kind].ended += cell.ended;
    sums[cell.kind].failed += cell.failed;
  }
  return sums.filter((one) => one.failed > 0).toSorted((a, b) => b.failed - a.failed);
}
