/** The tables of `stampede stats`: their columns, from the statistics of a run. */

import type { Group, Period, PhaseTime, Statistics, Transformation } from "@/api/schema";
import { PHASES } from "@/pages/charts/efficiencyData";
import type { TableName } from "@/pages/charts/search";
import type { Column } from "@/ui/chart/columns";
import { clean, count, duration, epoch, percent, size } from "@/words/format";

/** A table of rows that nobody but its columns has to know. */
export interface AnyTable {
  columns: Column<unknown>[];
  rows: readonly unknown[];
}

export const WORDS: Record<TableName, { word: string; says: string; section: string }> = {
  transformations: { word: "Transformations", says: "Tries of jobs by what they run.", section: "efficiency" },
  programs: {
    word: "Programs",
    says: "Invocations as kickstart measured them; those that failed apart.",
    section: "transformations",
  },
  types: { word: "Types", says: "Tries of jobs by what they are for.", section: "efficiency" },
  sites: { word: "Sites", says: "Tries of jobs by where they ran.", section: "efficiency" },
  phases: { word: "Phases", says: "Where the time of jobs went.", section: "phases" },
  days: { word: "Days", says: "What began on which day (UTC).", section: "time" },
};

/** A table of the statistics. */
export function tableOf(found: Statistics, name: TableName): AnyTable {
  switch (name) {
    case "programs":
      return made(PROGRAMS, found.programs);
    case "phases":
      return made(PHASE_COLUMNS, found.phases);
    case "days":
      return made(DAYS, found.periods);
    default:
      return made(GROUPS, found[name]);
  }
}

function made<Row>(columns: Column<Row>[], rows: readonly Row[]): AnyTable {
  return { columns: columns as Column<unknown>[], rows };
}

type Of<Row> = (row: Row) => number | null | undefined;

function number<Row>(key: string, head: string, of: Of<Row>): Column<Row> {
  return { key, head, number: true, of, show: (row) => shown(of(row), count) };
}

function seconds<Row>(key: string, head: string, of: Of<Row>): Column<Row> {
  return { key, head, number: true, of: (row) => rounded(of(row)), show: (row) => duration(of(row)) };
}

function share<Row>(key: string, head: string, of: Of<Row>): Column<Row> {
  return { key, head, number: true, of: (row) => rounded(of(row)), show: (row) => shown(of(row), percent) };
}

function shown(value: number | null | undefined, words: (value: number) => string): string {
  return value === null || value === undefined ? "–" : words(value);
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toPrecision(5));
}

const GROUPS: Column<Group>[] = [
  { key: "name", head: "name", of: (g) => clean(g.name) },
  number("tries", "tries", (g) => g.tries),
  number("failed", "failed", (g) => g.failed),
  number("open", "not over", (g) => g.open),
  seconds("wall_s", "time", (g) => g.wall_s),
  seconds("run_mean", "run, mean", (g) => g.run.mean),
  seconds("run_p50", "median", (g) => g.run.p50),
  seconds("run_p95", "95 %", (g) => g.run.p95),
  seconds("queue_p50", "queue, median", (g) => g.queue.p50),
  seconds("queue_p95", "95 %", (g) => g.queue.p95),
  { key: "bytes_in", head: "files in", number: true, of: (g) => g.bytes_in, show: (g) => size(g.bytes_in) },
  { key: "bytes_out", head: "files out", number: true, of: (g) => g.bytes_out, show: (g) => size(g.bytes_out) },
];

const PROGRAMS: Column<Transformation>[] = [
  { key: "name", head: "program", of: (t) => clean(t.transformation) },
  { key: "kind", head: "kind", of: (t) => (t.script ? "script" : "program") },
  { key: "ended", head: "ended", of: (t) => (t.succeeded ? "✓ well" : "✕ failed") },
  number("count", "times", (t) => t.count),
  seconds("total_s", "time", (t) => t.total_s),
  seconds("min", "shortest", (t) => t.runtime_s.min),
  seconds("mean", "mean", (t) => t.runtime_s.mean),
  seconds("p50", "median", (t) => t.runtime.p50),
  seconds("p95", "95 %", (t) => t.runtime.p95),
  seconds("max", "longest", (t) => t.runtime_s.max),
  share("cpu", "processor", (t) => t.cpu),
  {
    key: "memory",
    head: "most memory",
    number: true,
    of: (t) => rounded(t.memory_mb.max),
    show: (t) => shown(t.memory_mb.max, (mb) => size(mb * 1_048_576)),
  },
];

const PHASE_COLUMNS: Column<PhaseTime>[] = [
  { key: "phase", head: "phase", of: (p) => PHASES[p.phase]?.word ?? p.phase },
  seconds("total_s", "time", (p) => p.total_s),
  share("share", "share", (p) => p.share),
  number("count", "tries", (p) => p.spread.count || null),
  seconds("mean", "mean", (p) => p.spread.mean),
  seconds("p50", "median", (p) => p.spread.p50),
  seconds("p90", "90 %", (p) => p.spread.p90),
  seconds("p99", "99 %", (p) => p.spread.p99),
];

const DAYS: Column<Period>[] = [
  { key: "day", head: "day", of: (p) => new Date((epoch(p.start_ts) ?? 0) * 1000).toISOString().slice(0, 10) },
  number("tries", "tries", (p) => p.tries),
  number("failed", "failed", (p) => p.failed),
  seconds("tries_s", "time", (p) => p.tries_s),
  number("invocations", "invocations", (p) => p.invocations),
  seconds("invocations_s", "their time", (p) => p.invocations_s),
];
