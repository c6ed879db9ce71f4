/** What differs, in words: measures, values, effects. */

import type { Change, Comparison, PlanChange } from "@/api/schema";
import { clean, count, duration, percent, plural, size } from "@/words/format";

const MEASURES: Record<string, string> = {
  runtime: "run time",
  queue: "wait in the queue",
  stage_in: "files in, on the machine",
  stage_out: "files out, on the machine",
  cpu_share: "processor share",
  memory_mb: "memory",
  failed: "failed tries",
  held: "held tries",
  evicted: "evicted tries",
  site: "share of the jobs, on site",
  machine: "share of the jobs, on host",
};
const SHARES = new Set(["cpu_share", "failed", "held", "evicted", "site", "machine"]);

/** `run time of mProject`. */
export function subject(change: Change): string {
  const place = change.measure === "site" || change.measure === "machine";
  return `${MEASURES[change.measure] ?? change.measure} ${place ? "" : "of "}${clean(change.kind)}`;
}

/** A value of a change in its unit. */
export function inUnit(change: Change, value: number): string {
  if (SHARES.has(change.measure)) return percent(value);
  return change.measure === "memory_mb" ? size(value * 1_048_576) : duration(value);
}

/** Whether a change is for the worse; undefined where it is neither. */
export function isWorse(change: Change): boolean | undefined {
  if (change.measure === "site" || change.measure === "machine") return undefined;
  const more = change.new > change.old;
  return change.measure === "cpu_share" ? !more : more;
}

/** `makes the run 3 min longer`; empty where it takes no time. */
export function effect(change: Change): string {
  const s = change.makespan_s;
  if (s === null || Math.abs(s) < 0.5) return "";
  return `about ${duration(Math.abs(Math.round(s)))} ${s > 0 ? "longer" : "shorter"} by it`;
}

/** Whether anything differs beyond noise. */
export function isChanged(found: Comparison): boolean {
  return found.changes.length > 0 || found.plan.length > 0 || found.old_state !== found.new_state;
}

/** How the length of the run changed, in a sentence. */
export function makespanWords(found: Comparison): string {
  const { old_makespan_s: old, new_makespan_s: now } = found;
  const past = found.old_runs > 1 ? `the median of ${count(found.old_runs)} earlier runs` : "the other run";
  if (old <= 0 || Math.abs(now - old) < Math.max(1, old * 0.01)) return `As long as ${past}: ${duration(now)}.`;
  const by = duration(Math.abs(Math.round(now - old)));
  return `${by} ${now > old ? "longer" : "shorter"} than ${past} (${(now / old).toFixed(2)}×).`;
}

/** What was looked at, in a sentence. */
export function testedWords(found: Comparison): string {
  if (found.tested === 0) return "The runs have too few jobs of one kind in common to compare their times.";
  return `${plural(found.tested, "comparison")} made; of those told, one in twenty may be chance.`;
}

/** What was planned otherwise. */
export function planWords(change: PlanChange): string {
  const words = [...new Set([...change.what.split("_"), ...change.subject.split(" ")])].join(" ");
  return clean(words);
}
