/** The Gantt picture as the service sends it (docs/reference/columns.md), with names and types. */

import type { Picture, TextColumn } from "@/api/columns";
import type { Gap } from "@/draw/gantt/fold";

export const RUNNING = 0;
export const SUCCESS = 1;
export const FAILED = 2;
export const WAITING = 3;

interface Facts {
  /** The window, and the last record, in epoch seconds. */
  startTs: number;
  endTs: number;
  nowTs: number;
  by: string;
  lanes: string[];
}

/** Tries one by one; times are seconds after `startTs`. */
export interface Bars extends Facts {
  level: "bars";
  count: number;
  lane: Uint32Array;
  begin: Float32Array;
  submit: Float32Array;
  execute: Float32Array;
  end: Float32Array;
  over: Float32Array;
  state: Uint8Array;
  last: Uint8Array;
  attempt: Uint32Array;
  kind: Uint32Array;
  host: Uint32Array;
  workflow: Uint32Array;
  job: TextColumn;
  holds: { count: number; bar: Uint32Array; start: Float32Array; end: Float32Array };
  kinds: string[];
  hosts: string[];
  workflows: { wf_uuid: string; prefix: string }[];
  /** Whether those that were on no machine are among them. */
  unstarted: boolean;
}

/** How many ran at once by lane and bin. */
export interface Lanes extends Facts {
  level: "lanes";
  bins: number;
  skip: Gap[];
  count: number;
  lane: Uint32Array;
  bin: Uint32Array;
  running: Float32Array;
  failing: Float32Array;
  tries: Uint32Array;
  failed: Uint32Array;
}

export type Gantt = Bars | Lanes;

/** How many waited, were held and ran at once. */
export interface Concurrency {
  startTs: number;
  endTs: number;
  nowTs: number;
  bins: number;
  skip: Gap[];
  gaps: Gap[];
  running: Float32Array;
  queued: Float32Array;
  held: Float32Array;
  scripts: Float32Array;
  ended: Uint32Array;
  failed: Uint32Array;
}

const secondsOf = (time: unknown) => (typeof time === "number" ? time : Date.parse(String(time)) / 1000);

function gapsOf(told: unknown): Gap[] {
  const spans = (told ?? []) as { start_ts: unknown; end_ts: unknown }[];
  return spans.map((span) => ({ start: secondsOf(span.start_ts), end: secondsOf(span.end_ts) }));
}

function windowOf(facts: Record<string, unknown>) {
  return { startTs: secondsOf(facts.start_ts), endTs: secondsOf(facts.end_ts), nowTs: secondsOf(facts.now_ts) };
}

/** A Gantt picture. */
export function ganttOf({ level, facts, tables }: Picture): Gantt {
  const common = { ...windowOf(facts), by: String(facts.by), lanes: facts.lanes as string[] };
  if (level === "lanes") {
    const { bins, lanes } = tables;
    return {
      ...common,
      level,
      bins: facts.bins as number,
      skip: gapsOf(facts.skip),
      count: bins.rows,
      ...(bins.columns as unknown as Pick<Lanes, "lane" | "bin" | "running" | "failing">),
      ...(lanes.columns as unknown as Pick<Lanes, "tries" | "failed">),
    };
  }
  const { tries, holds } = tables;
  return {
    ...common,
    level: "bars",
    count: tries.rows,
    ...(tries.columns as unknown as Omit<Bars, keyof Facts | "level" | "count" | "holds" | "kinds" | "hosts">),
    holds: { count: holds.rows, ...(holds.columns as unknown as Omit<Bars["holds"], "count">) },
    kinds: facts.kinds as string[],
    hosts: facts.hosts as string[],
    workflows: facts.workflows as Bars["workflows"],
    unstarted: facts.unstarted !== false,
  };
}

/** How many there were at once. */
export function concurrencyOf({ facts, tables }: Picture): Concurrency {
  return {
    ...windowOf(facts),
    bins: facts.bins as number,
    skip: gapsOf(facts.skip),
    gaps: gapsOf(facts.gaps),
    ...(tables.bins.columns as unknown as Omit<Concurrency, "startTs" | "endTs" | "nowTs" | "bins" | "skip" | "gaps">),
  };
}

/** How many ran at once, as far as lanes tell it: until the concurrency is known. */
export function levelsOf(lanes: Lanes): Concurrency {
  const { startTs, endTs, nowTs, bins, skip } = lanes;
  const running = new Float32Array(bins);
  for (let n = 0; n < lanes.count; n += 1) running[lanes.bin[n]] += lanes.running[n];
  const none = new Float32Array(bins);
  const no = new Uint32Array(bins);
  return {
    startTs,
    endTs,
    nowTs,
    bins,
    skip,
    gaps: [],
    running,
    queued: none,
    held: none,
    scripts: none,
    ended: no,
    failed: no,
  };
}
