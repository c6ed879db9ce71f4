/** What the address of the page of runs says. Pure. */

import { conditionsOf, oneOf, partsOf, type Question, unquoted, withCondition } from "@/ui/table/question";

export interface RunsSearch {
  q?: string;
  /** Conditions of the service's filter, joined by `&`. */
  where?: string;
  sort?: string;
  cols?: string;
  /** Runs one by one, or by label. */
  view?: "labels";
}

export const USUAL_SORT = "-started_ts";

/** Read a query string; what is of another kind than it should be is left out. */
export function readSearch(raw: Record<string, unknown>): RunsSearch {
  const found: RunsSearch = {};
  for (const name of ["q", "where", "sort", "cols"] as const) {
    const value = raw[name];
    if ((typeof value === "string" || typeof value === "number") && value !== "") found[name] = String(value);
  }
  if (raw.view === "labels") found.view = "labels";
  return found;
}

/** What is asked of the service: runs are workflows that are part of no other. */
export function questionOf(search: RunsSearch): Question {
  return {
    path: "/api/v1/workflows",
    where: ["parent_wf_uuid=null", ...conditionsOf(search.where)],
    sort: search.sort ?? USUAL_SORT,
    q: search.q ?? "",
  };
}

/** The one value that a column is wanted to have; undefined when it is free, or several are allowed. */
export function chosenOf(where: string | undefined, column: string): string | undefined {
  const found = conditionsOf(where)
    .map(partsOf)
    .filter((parts) => parts?.column === column);
  if (found.length !== 1 || found[0]?.operator !== "=") return undefined;
  const { value } = found[0];
  return value.startsWith('"') || !value.includes(",") ? unquoted(value) : undefined;
}

/** The filter with a column wanted to have this value; with none it is free. */
export function choosing(where: string | undefined, column: string, value: string | undefined): string | undefined {
  return withCondition(where, column, value === undefined ? undefined : oneOf(column, [value]));
}

/** Which runs a tile stands for. */
export type Kind = "all" | "running" | "failing" | "failed" | "success";

/** Conditions of each kind; those of today are about what changed since midnight. */
export function kindWhere(where: string | undefined, kind: Kind, midnightTs: number): string | undefined {
  let rest = where;
  for (const column of ["state", "failing", "state_ts"]) rest = withCondition(rest, column);
  const own: Record<Kind, string[]> = {
    all: [],
    running: ["state=running"],
    failing: ["failing=true"],
    failed: ["state=failed", `state_ts>=${midnightTs}`],
    success: ["state=success", `state_ts>=${midnightTs}`],
  };
  return [...conditionsOf(rest), ...own[kind]].join("&") || undefined;
}

/** The kind that the filter wants; undefined when it is another question. */
export function kindOf(where: string | undefined, midnightTs: number): Kind | undefined {
  const kinds: Kind[] = ["all", "running", "failing", "failed", "success"];
  const own = new Set(conditionsOf(where));
  return kinds.find((kind) => {
    const wanted = conditionsOf(kindWhere(where, kind, midnightTs));
    return wanted.length === own.size && wanted.every((one) => own.has(one));
  });
}

/** Midnight of this day here, in epoch seconds. */
export function midnight(nowTs: number): number {
  const day = new Date(nowTs * 1000);
  day.setHours(0, 0, 0, 0);
  return day.getTime() / 1000;
}

const SORTS: Record<string, string> = {
  started_ts: "started",
  planned_ts: "planned",
  total: "total",
  failed: "failed",
  label: "label",
  state: "state",
  user: "user",
};

/** The command that gives the same list, as far as it can be asked so. */
export function commandOf(search: RunsSearch): string {
  const line = ["stampede workflows"];
  for (const column of ["state", "label", "user"]) {
    const value = chosenOf(search.where, column);
    if (value !== undefined) line.push(`--${column} ${shell(value)}`);
  }
  const sort = SORTS[(search.sort ?? USUAL_SORT).replace(/^-/, "")];
  if (sort && sort !== "started") line.push(`--sort ${sort}`);
  return line.join(" ");
}

function shell(text: string): string {
  return /^[\w.@%+:/-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`;
}
