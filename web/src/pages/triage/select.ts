/** Moving through lists of causes and of their members: pure. */

import type { Cause, Output } from "@/api/schema";
import { NEVER } from "./search";

/** Causes in the order of the list: those that stand, then those that are over. */
export function ordered(causes: readonly Cause[]): { standing: Cause[]; over: Cause[] } {
  return { standing: causes.filter((c) => !c.resolved), over: causes.filter((c) => c.resolved) };
}

/** The ids through which one goes with j and k. */
export function idsOf(causes: readonly Cause[], neverRun: number): string[] {
  const { standing, over } = ordered(causes);
  return [...standing.map((c) => c.id), ...(neverRun > 0 ? [NEVER] : []), ...over.map((c) => c.id)];
}

/** What is `by` places after `now` in a list, which has ends; the first where `now` is not in it. */
export function moved<T>(list: readonly T[], now: T | undefined, by: number): T | undefined {
  const at = now === undefined ? -1 : list.indexOf(now);
  if (at < 0) return list[0];
  return list[Math.min(list.length - 1, Math.max(0, at + by))];
}

/** What the programs of a try said as its record has it, errors first; empty where only files are known. */
export function programText(output: readonly Output[]): string {
  const own = output.filter((o) => o.seq > 0);
  const several = new Set(own.map((o) => o.seq)).size > 1;
  const sorted = [...own].sort((a, b) => a.seq - b.seq || a.stream.localeCompare(b.stream));
  return sorted.map((o) => `── ${several ? `task ${o.seq}, ` : ""}${o.stream} ──\n${o.text.trimEnd()}\n`).join("\n");
}
