/** How a job and its tries stand, in the words of lists: pure. */

import type { Job, Try } from "@/api/schema";
import { exitWord, type Look } from "@/words/states";

/** The word of a job's state, with what runs, waits and is held in HTCondor's queue told apart. */
export function wordOf(job: Job): string {
  if (job.state !== "queued") return job.state;
  const phase = openPhase(job.tries?.at(-1));
  return phase === undefined ? "queued" : (QUEUED[phase] ?? "queued");
}

const QUEUED: Record<string, string> = { run: "running", suspended: "running", queue: "idle", held: "held" };

/** The phase that a try is in; undefined when it has ended or nothing is known. */
export function openPhase(one: Try | undefined): string | undefined {
  const last = one?.phases?.at(-1);
  return last && last.end_ts === null ? last.phase : undefined;
}

/** Whether a try may still write. */
export function isOpen(one: Try | undefined): boolean {
  return one !== undefined && one.outcome === null;
}

const OUTCOMES: Record<string, Look> = {
  success: { word: "succeeded", shape: "check", tone: "done" },
  failed: { word: "failed", shape: "cross", tone: "fail" },
};
const OPEN: Record<string, Look> = {
  pre: { word: "pre script", shape: "gear", tone: "script" },
  queue: { word: "idle", shape: "clock", tone: "queue" },
  run: { word: "running", shape: "play", tone: "run" },
  suspended: { word: "suspended", shape: "pause", tone: "held" },
  held: { word: "held", shape: "pause", tone: "held" },
  dagman: { word: "ended", shape: "ring", tone: "waiting" },
  post: { word: "post script", shape: "gear", tone: "script" },
};

/** How a try looks: its outcome, or what it is doing. */
export function tryLook(one: Try): Look {
  if (one.outcome !== null) return OUTCOMES[one.outcome] ?? { word: one.outcome, shape: "ring", tone: "waiting" };
  return OPEN[openPhase(one) ?? ""] ?? { word: "open", shape: "ring", tone: "waiting" };
}

/** How a try that has ended exited: its program, else the script that decided. */
export function endWord(one: Try): string {
  if (one.outcome === null) return "";
  if (one.exit.kind !== "unknown") return exitWord(one.exit);
  if (one.post_exit) return `POST script ${exitWord(one.post_exit)}`;
  return one.pre_exit ? `PRE script ${exitWord(one.pre_exit)}` : "";
}

/** Which output tells most of a try: what its programs printed, else, of one that failed, where it wrote. */
export function bestTab(one: Try): "printed" | "stdout" | "stderr" {
  if (hasPrinted(one)) return "printed";
  if (one.outcome !== "failed") return "stdout";
  const streams = new Set(one.output?.map((piece) => piece.stream));
  return streams.has("stderr") || !streams.has("stdout") ? "stderr" : "stdout";
}

/** Whether a record tells what the programs printed, apart from what ran around them. */
export function hasPrinted(one: Try | undefined): boolean {
  return one?.output?.some((piece) => piece.seq !== 0) ?? false;
}
