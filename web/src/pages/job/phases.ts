/** Phases of tries as parts of bars, all to one scale: pure. */

import type { Try } from "@/api/schema";
import { epoch } from "@/words/format";
import type { Tone } from "@/words/states";

export interface Part {
  phase: string;
  word: string;
  tone: Tone;
  /** Seconds since the try began, and how long. */
  start_s: number;
  duration_s: number;
  open: boolean;
}

export const PHASES: Record<string, { word: string; tone: Tone }> = {
  pre: { word: "pre script", tone: "script" },
  queue: { word: "queued", tone: "queue" },
  run: { word: "run", tone: "run" },
  suspended: { word: "suspended", tone: "held" },
  held: { word: "held", tone: "held" },
  dagman: { word: "in DAGMan's hands", tone: "waiting" },
  post: { word: "post script", tone: "script" },
};

/** The parts of a try's bar; a phase that lasts ends at `nowTs` (epoch seconds). */
export function partsOf(one: Try, nowTs: number): Part[] {
  const phases = one.phases ?? [];
  const began = epoch(phases[0]?.start_ts);
  if (began === undefined) return [];
  return phases.map((phase) => {
    const start = epoch(phase.start_ts) ?? began;
    const end = epoch(phase.end_ts) ?? Math.max(start, nowTs);
    const known = PHASES[phase.phase] ?? { word: phase.phase, tone: "waiting" as const };
    return {
      phase: phase.phase,
      ...known,
      start_s: start - began,
      duration_s: end - start,
      open: phase.end_ts === null,
    };
  });
}

/** Seconds from the start of the first part to the end of the last. */
export function lengthOf(parts: Part[]): number {
  return parts.reduce((longest, part) => Math.max(longest, part.start_s + part.duration_s), 0);
}

/** Seconds by phase, in the order of their first time; phases that took no time are left out. */
export function sumsOf(parts: Part[]): { word: string; tone: Tone; duration_s: number }[] {
  const sums = new Map<string, { word: string; tone: Tone; duration_s: number }>();
  for (const { phase, word, tone, duration_s } of parts) {
    const sum = sums.get(phase) ?? { word, tone, duration_s: 0 };
    sum.duration_s += duration_s;
    sums.set(phase, sum);
  }
  return [...sums.values()].filter((sum) => sum.duration_s > 0);
}
