/** What stands in the address of triage: which cause, which of its jobs, which try, which stream. */

export const NEVER = "never";

export interface TriageSearch {
  /** Id of a cause, or `never` for the jobs that can never run. */
  cause?: string;
  /** A member: the path of its node. Set while one goes through members. */
  member?: string;
  /** Which try of that job, counted from 1; else the one that went wrong. */
  attempt?: number;
  stream?: string;
}

/** The query string as far as it means something here. */
export function readSearch(raw: Record<string, unknown>): TriageSearch {
  const found: TriageSearch = {};
  if (isText(raw.cause)) found.cause = String(raw.cause);
  if (found.cause && isText(raw.member)) found.member = String(raw.member);
  if (Number.isInteger(raw.attempt) && Number(raw.attempt) > 0) found.attempt = Number(raw.attempt);
  if (typeof raw.stream === "string" && STREAMS.includes(raw.stream)) found.stream = raw.stream;
  return found;
}

/** What can be read of a try: what its program said as its record has it, and its files. */
export const STREAMS: readonly string[] = ["program", "stderr", "stdout", "kickstart"];

/** Ids and names may look like numbers; the router has read them as such. */
function isText(value: unknown): boolean {
  return (typeof value === "string" && value.length > 0 && value.length < 4096) || typeof value === "number";
}
