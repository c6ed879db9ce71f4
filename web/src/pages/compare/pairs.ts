/** Transformations of two runs side by side. */

import type { Change, Statistics } from "@/api/schema";

export interface KindPair {
  name: string;
  /** Median seconds on a machine; null where nothing is known. */
  old: number | null;
  now: number | null;
  oldTries: number;
  nowTries: number;
  oldFailed: number;
  nowFailed: number;
  /** Its run time differs beyond noise. */
  changed: boolean;
}

/** All transformations of both, those that changed first, then those that took most time. */
export function pairsOf(old: Statistics, now: Statistics, changes: readonly Change[]): KindPair[] {
  const before = new Map(old.transformations.map((group) => [group.name, group]));
  const after = new Map(now.transformations.map((group) => [group.name, group]));
  const changed = new Set(changes.filter((one) => one.measure === "runtime").map((one) => one.kind));
  const names = [...new Set([...after.keys(), ...before.keys()])];
  const pairs = names.map((name): KindPair => {
    const [a, b] = [before.get(name), after.get(name)];
    return {
      name,
      old: a?.run.p50 ?? null,
      now: b?.run.p50 ?? null,
      oldTries: a?.tries ?? 0,
      nowTries: b?.tries ?? 0,
      oldFailed: a?.failed ?? 0,
      nowFailed: b?.failed ?? 0,
      changed: changed.has(name),
    };
  });
  return pairs.toSorted((a, b) => Number(b.changed) - Number(a.changed));
}
