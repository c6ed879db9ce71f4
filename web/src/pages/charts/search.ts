/** What the address of the page says: the part of time, which charts are tables, and which table is sorted how. */

export const CHARTS = ["jobs", "failures", "runtimes", "breakdown", "hosts", "efficiency"] as const;
export type ChartName = (typeof CHARTS)[number];
export const TABLES = ["transformations", "programs", "types", "sites", "phases", "days"] as const;
export type TableName = (typeof TABLES)[number];

export interface ChartsSearch {
  /** RFC 3339; from the beginning without it. */
  since?: string;
  /** RFC 3339; up to now without it. */
  until?: string;
  /** Only jobs that are under way, without those that wait or are over. */
  jobs?: "active";
  /** Charts that are shown as tables, joined by commas. */
  tables?: string;
  /** The table of statistics that is shown; that of transformations without it. */
  stats?: TableName;
  /** How that is sorted: `key` or `-key`. */
  sort?: string;
}

/** What is known of a query string; what makes no sense is left out. */
export function readSearch(raw: Record<string, unknown>): ChartsSearch {
  const found: ChartsSearch = {};
  const since = timeOf(raw.since);
  const until = timeOf(raw.until);
  if (since !== undefined && (until === undefined || until > since)) found.since = isoOf(since);
  if (until !== undefined && (since === undefined || until > since)) found.until = isoOf(until);
  if (raw.jobs === "active") found.jobs = "active";
  const tables = CHARTS.filter((name) =>
    String(raw.tables ?? "")
      .split(",")
      .includes(name),
  );
  if (tables.length > 0) found.tables = tables.join(",");
  const stats = TABLES.find((name) => name === raw.stats);
  if (stats && stats !== TABLES[0]) found.stats = stats;
  if (typeof raw.sort === "string" && /^-?[a-z_0-9]{1,30}$/.test(raw.sort)) found.sort = raw.sort;
  return found;
}

/** Whether a chart is shown as a table. */
export function isTable(search: ChartsSearch, name: ChartName): boolean {
  return search.tables?.split(",").includes(name) ?? false;
}

/** The search with a chart as a table or as a picture. */
export function withTable(search: ChartsSearch, name: ChartName, asTable: boolean): ChartsSearch {
  const tables = CHARTS.filter((one) => (one === name ? asTable : isTable(search, one))).join(",");
  const { tables: _, ...rest } = search;
  return tables ? { ...rest, tables } : rest;
}

/** RFC 3339 of epoch seconds, to the second. */
export function isoOf(ts: number): string {
  return new Date(Math.round(ts) * 1000).toISOString().replace(".000Z", "Z");
}

function timeOf(raw: unknown): number | undefined {
  if (typeof raw !== "string" && typeof raw !== "number") return undefined;
  const ts = typeof raw === "number" ? raw : Date.parse(raw) / 1000;
  return Number.isFinite(ts) && ts >= 0 && ts < 4e9 ? ts : undefined;
}

/** The part of time as options of the command line. */
export function timeOptions(search: ChartsSearch): string {
  return `${search.since ? ` --since ${search.since}` : ""}${search.until ? ` --until ${search.until}` : ""}`;
}
