/** What became of the time of jobs, in parts that add up to it. */

import type { Walls } from "@/api/schema";

/** Seconds: programs that went well, tries that failed, what surrounds programs, and all of it. */
export function shareOut(walls: Walls): { good: number; bad: number; over: number; seen: number } {
  const bad = Math.min(walls.bad_seen_s, walls.seen_s);
  const rest = walls.seen_s - bad;
  // where no program was measured, all that went well is the program's
  const measured = Math.max(0, walls.jobs_s - walls.bad_jobs_s);
  const good = measured > 0 ? Math.min(rest, measured) : rest;
  return { good, bad, over: rest - good, seen: walls.seen_s };
}

/** Phases of jobs as they are shown. */
export const PHASES: Record<string, { word: string; tone: string; hatched?: boolean }> = {
  pre: { word: "pre script", tone: "--script" },
  queue: { word: "in the queue", tone: "--queue" },
  "stage-in": { word: "files in", tone: "--s3" },
  run: { word: "programs", tone: "--run" },
  "stage-out": { word: "files out", tone: "--s2" },
  housekeeping: { word: "housekeeping", tone: "--waiting" },
  post: { word: "post script", tone: "--script", hatched: true },
  held: { word: "held", tone: "--held", hatched: true },
  redone: { word: "thrown away by evictions", tone: "--fail", hatched: true },
};
