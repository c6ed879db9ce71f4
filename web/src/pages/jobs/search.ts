/** What the address of the page of jobs says. Pure. */

import { conditionsOf, partsOf, type Question, unquoted } from "@/ui/table/question";

export interface JobsSearch {
  q?: string;
  /** Conditions of the service's filter, joined by `&`. */
  where?: string;
  sort?: string;
  cols?: string;
  /** Jobs of sub-workflows too. */
  below?: boolean;
}

export const USUAL_SORT = "name";

/** Read a query string; what is of another kind than it should be is left out. */
export function readSearch(raw: Record<string, unknown>): JobsSearch {
  const found: JobsSearch = {};
  for (const name of ["q", "where", "sort", "cols"] as const) {
    const value = raw[name];
    if ((typeof value === "string" || typeof value === "number") && value !== "") found[name] = String(value);
  }
  if (raw.below === true || raw.below === "true" || raw.below === 1) found.below = true;
  return found;
}

/** What is asked of the service. */
export function questionOf(uuid: string, search: JobsSearch): Question {
  return {
    path: `/api/v1/workflows/${encodeURIComponent(uuid)}/jobs`,
    where: conditionsOf(search.where),
    sort: search.sort ?? USUAL_SORT,
    q: search.q ?? "",
    below: search.below ?? false,
  };
}

/** Questions that are asked often: conditions, and an order of their own. `state` is the one whose mark stands before it. */
export interface Quick {
  word: string;
  state?: string;
  where?: string;
  sort?: string;
}

export const QUICK: readonly Quick[] = [
  { word: "all" },
  { word: "failed", state: "failed", where: "word=failed" },
  { word: "will be tried again", state: "ready", where: "outcome=failed&state!=failed" },
  { word: "running", state: "running", where: "word=running" },
  { word: "held", state: "held", where: "word=held" },
  { word: "idle", state: "idle", where: "word=idle", sort: "submit_ts" },
  { word: "slowest", state: "queued", where: "duration_s>0", sort: "-duration_s" },
  { word: "can never run", state: "futile", where: "word=futile" },
  { word: "done", state: "done", where: "word=done" },
];

/** Whether an address asks just that. */
export function isQuick(search: JobsSearch, quick: Quick): boolean {
  return (search.where ?? "") === (quick.where ?? "") && (quick.sort === undefined || search.sort === quick.sort);
}

const SORTS: Record<string, string> = {
  name: "name",
  type: "type",
  state: "state",
  attempts: "attempts",
  duration_s: "duration",
  execute_ts: "started",
  end_ts: "ended",
};

/** The command that gives the same list, as far as it can be asked so. */
export function commandOf(uuid: string, search: JobsSearch): string {
  const line = [`stampede jobs ${uuid}`];
  for (const condition of conditionsOf(search.where)) line.push(...optionOf(condition));
  const sort = search.sort ?? USUAL_SORT;
  const by = SORTS[sort.replace(/^-/, "")];
  if (by && by !== "name") line.push(`--sort ${by}`);
  if (by && sort.startsWith("-")) line.push("--desc");
  if (search.below) line.push("--all");
  return line.join(" ");
}

function optionOf(condition: string): string[] {
  if (condition === "word=held") return ["--held"];
  if (condition === "attempts>1") return ["--retried"];
  const parts = partsOf(condition);
  if (!parts || parts.value.includes(",")) return [];
  const name = parts.column === "word" ? "state" : parts.column;
  const known = name === "state" || name === "type" ? parts.operator === "=" : /^(name|transformation)$/.test(name);
  return known && /^~?=$/.test(parts.operator) ? [`--${name} ${shell(unquoted(parts.value))}`] : [];
}

function shell(text: string): string {
  return /^[\w.@%+:/-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}
