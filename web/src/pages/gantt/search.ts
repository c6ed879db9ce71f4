/** What the address of the page says: which part of time, how it is grouped and drawn. */

export const BYS = ["transformation", "host", "site", "path"] as const;
export type By = (typeof BYS)[number];

export interface GanttSearch {
  /** RFC 3339; from the beginning without it. */
  since?: string;
  /** RFC 3339; up to the end, which moves while it runs, without it. */
  until?: string;
  by?: By;
  /** `last`, `failed`, or a number from 1; all without it. */
  attempt?: string;
  /** Idle times are squeezed. */
  fold?: 1;
  /** Whether the wait and scripts are drawn; by default everywhere but on hosts. */
  phases?: 0 | 1;
}

/** What is known of a query string; what makes no sense is left out. */
export function readSearch(raw: Record<string, unknown>): GanttSearch {
  const found: GanttSearch = {};
  const since = timeOf(raw.since);
  const until = timeOf(raw.until);
  if (since !== undefined && (until === undefined || until > since)) found.since = isoOf(since);
  if (until !== undefined && (since === undefined || until > since)) found.until = isoOf(until);
  const by = BYS.find((one) => one === raw.by);
  if (by && by !== "transformation") found.by = by;
  const attempt = String(raw.attempt ?? "");
  if (/^(last|failed|[1-9]\d{0,3})$/.test(attempt)) found.attempt = attempt;
  if (Number(raw.fold) === 1) found.fold = 1;
  if (raw.phases !== undefined && (Number(raw.phases) === 0 || Number(raw.phases) === 1)) {
    found.phases = Number(raw.phases) as 0 | 1;
  }
  return found;
}

/** Whether the wait and scripts are drawn: a machine knows nothing of them. */
export function showsPhases(search: GanttSearch): boolean {
  return search.phases === undefined ? search.by !== "host" : search.phases === 1;
}

/** RFC 3339 of epoch seconds, as short as it may be. */
export function isoOf(ts: number): string {
  return new Date(Math.round(ts * 1000)).toISOString().replace(/\.000Z$/, "Z");
}

/** Epoch seconds of RFC 3339 or of a number. */
export function timeOf(raw: unknown): number | undefined {
  if (typeof raw !== "string" && typeof raw !== "number") return undefined;
  const ts = typeof raw === "number" ? raw : Date.parse(raw) / 1000;
  return Number.isFinite(ts) && ts >= 0 && ts < 1e11 ? ts : undefined;
}

/** The verb that draws the same. It has no critical path of its own, but a row for each job. */
export function commandOf(uuid: string, search: GanttSearch): string {
  const by = search.by === "path" ? "job" : (search.by ?? "transformation");
  const parts = ["stampede plot gantt", uuid, `--by ${by}`];
  if (search.since) parts.push(`--since ${search.since}`);
  if (search.until) parts.push(`--until ${search.until}`);
  return `${parts.join(" ")} -o gantt.svg`;
}
