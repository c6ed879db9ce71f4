/** Tries of jobs, for the strip of attempts. Pure. */

import type { JobItem, TryItem } from "@/api/schema";
import { oneOf, type Question } from "@/ui/table/question";
import { clean, plural } from "@/words/format";
import { exitWord } from "@/words/states";

/** Tries of each job, the first one first, by `keyOf`. */
export type Tries = ReadonlyMap<string, readonly TryItem[]>;

export const keyOf = (job: { wf_uuid?: string; name?: string }): string => `${job.wf_uuid} ${job.name}`;

/** What is asked to learn the tries of these jobs. */
export function triesOf(list: Question, jobs: readonly JobItem[]): Question {
  const names = [...new Set(jobs.filter((job) => (job.attempts ?? 0) > 0).map((job) => job.name ?? ""))];
  return {
    path: list.path.replace(/\/jobs$/, "/job_instances"),
    where: names.length ? [oneOf("job", names)] : [],
    below: list.below ?? false,
  };
}

/** Tries by job, each list in the order of attempts. */
export function byJob(tries: readonly TryItem[]): Tries {
  const found = new Map<string, TryItem[]>();
  for (const one of tries) {
    const key = keyOf({ wf_uuid: one.wf_uuid, name: one.job });
    const own = found.get(key);
    if (own) own.push(one);
    else found.set(key, [one]);
  }
  for (const own of found.values()) own.sort((a, b) => (a.attempt ?? 0) - (b.attempt ?? 0));
  return found;
}

const STANDING: Record<string, string> = { JOB_HELD: "held", EXECUTE: "running", JOB_ABORTED: "futile" };

/** A state of `words/states` for a try. */
export function wordOf(one: TryItem): string {
  if (one.outcome === "success") return "done";
  if (one.outcome === "failed") return "failed";
  return STANDING[one.state ?? ""] ?? "idle";
}

/** A try in words: `try 2: failed, exit 3, on node17 (pool), 1 eviction`. */
export function wordsOf(one: TryItem): string {
  const parts = [wordOf(one)];
  if (one.outcome === "failed") parts.push(exitWord(one.exit));
  if (one.hostname || one.site)
    parts.push(`on ${clean(one.hostname ?? "a host")}${one.site ? ` (${clean(one.site)})` : ""}`);
  if (one.evictions) parts.push(plural(one.evictions, "eviction"));
  if (one.holds) parts.push(plural(one.holds, "hold"));
  if (one.hold_reason) parts.push(clean(one.hold_reason));
  return `try ${one.attempt}: ${parts.filter(Boolean).join(", ")}`;
}
