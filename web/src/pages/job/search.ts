/** What stands in the query string of the page of a job. */

export const TABS = ["printed", "stderr", "stdout", "kickstart", "dagman", "events", "submit"] as const;
export type Tab = (typeof TABS)[number];

/** `attempt` counts from 1; `at` are bytes of what the tab shows (first, behind the last); `find` is looked for in it. */
export interface JobSearch {
  attempt?: number;
  tab?: Tab;
  at?: string;
  find?: string;
}

/** What can be used of a query string; the rest is left out. */
export function readSearch(raw: Record<string, unknown>): JobSearch {
  const found: JobSearch = {};
  const attempt = Number(raw.attempt);
  if (Number.isInteger(attempt) && attempt >= 1) found.attempt = attempt;
  if (TABS.includes(raw.tab as Tab)) found.tab = raw.tab as Tab;
  const at = bytesAt(raw.at);
  if (at) found.at = `${at[0]}-${at[1]}`;
  if (typeof raw.find === "string" || typeof raw.find === "number") found.find = String(raw.find).slice(0, 200);
  return found;
}

/** The bytes that `at` names: `120-180`, or `120` for the one place. */
export function bytesAt(at: unknown): [number, number] | undefined {
  const told = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(String(at ?? ""));
  if (!told) return undefined;
  const from = Number(told[1]);
  const to = told[2] === undefined ? from + 1 : Number(told[2]);
  return to > from ? [from, to] : undefined;
}
