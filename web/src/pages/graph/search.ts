/** What of the page of the graph stands in its address. */

export const VIEWS = ["transformation", "level", "workflows", "failures", "near", "jobs"] as const;
export type View = (typeof VIEWS)[number];

export const WAYS = ["up", "down", "both"] as const;
/** Which path is lit: what the chosen one waits for, what waits for it, or both. */
export type Way = (typeof WAYS)[number];

export interface GraphSearch {
  /** What is shown; by transformation where nothing is said. */
  view?: View;
  /** The job whose neighbourhood is shown. */
  of?: string;
  /** So many edges far. */
  hops?: number;
  /** The node that is chosen, by its name. */
  at?: string;
  path?: Way;
}

export const HOPS = 2;
const MOST_HOPS = 100;

/** Read the query string; what is wrong in it is left out. */
export function readSearch(raw: Record<string, unknown>): GraphSearch {
  const hops = Number(raw.hops);
  const of = text(raw.of);
  const view = VIEWS.find((one) => one === raw.view);
  const path = WAYS.find((one) => one === raw.path);
  const at = text(raw.at);
  return {
    // there is no neighbourhood of nobody
    ...(view && view !== "transformation" && (view !== "near" || of) ? { view } : {}),
    ...(of ? { of } : {}),
    ...(Number.isInteger(hops) && hops >= 1 && hops <= MOST_HOPS && hops !== HOPS ? { hops } : {}),
    ...(at ? { at } : {}),
    ...(path && at ? { path } : {}),
  };
}

/** A name that looks like a number has been read as one. */
function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value ? value : undefined;
}
