/** States of workflows and jobs: word, shape and colour. No state hangs on its hue alone. */

import type { Exit } from "@/api/schema";

/** What a state looks like: `shape` is a name of `ui/StateMark`, `tone` one of the colours of `styles/tokens.css`. */
export interface Look {
  word: string;
  shape: Shape;
  tone: Tone;
}

export type Shape = "check" | "cross" | "play" | "clock" | "pause" | "ring" | "dash" | "gear" | "warn" | "stop";
export type Tone = "done" | "fail" | "run" | "queue" | "held" | "waiting" | "ready" | "script" | "futile";

const JOBS: Record<string, Look> = {
  done: { word: "done", shape: "check", tone: "done" },
  failed: { word: "failed", shape: "cross", tone: "fail" },
  futile: { word: "can never run", shape: "dash", tone: "futile" },
  running: { word: "running", shape: "play", tone: "run" },
  idle: { word: "idle", shape: "clock", tone: "queue" },
  held: { word: "held", shape: "pause", tone: "held" },
  queued: { word: "queued", shape: "clock", tone: "queue" },
  ready: { word: "ready", shape: "ring", tone: "ready" },
  unready: { word: "waiting", shape: "ring", tone: "waiting" },
  pre: { word: "pre script", shape: "gear", tone: "script" },
  post: { word: "post script", shape: "gear", tone: "script" },
  service: { word: "service", shape: "gear", tone: "script" },
};

const WORKFLOWS: Record<string, Look> = {
  unstarted: { word: "not started", shape: "ring", tone: "waiting" },
  running: { word: "running", shape: "play", tone: "run" },
  failing: { word: "failing", shape: "warn", tone: "fail" },
  success: { word: "succeeded", shape: "check", tone: "done" },
  failed: { word: "failed", shape: "cross", tone: "fail" },
  removed: { word: "removed", shape: "stop", tone: "futile" },
  halted: { word: "halted", shape: "pause", tone: "held" },
  lost: { word: "lost", shape: "warn", tone: "held" },
};

/** States of jobs, in the order in which bars and lists show them. */
export const JOB_STATES = [
  "done",
  "running",
  "idle",
  "queued",
  "held",
  "pre",
  "post",
  "ready",
  "unready",
  "failed",
  "futile",
];

/** How a job looks, by `word` (or `state`) of its item. A state that is new to this page is shown by its own name. */
export function jobLook(state: string): Look {
  return JOBS[state] ?? { word: state, shape: "ring", tone: "waiting" };
}

/** How a workflow looks. One that runs and has failed jobs is `failing`: it will not succeed any more. */
export function workflowLook(state: string, failed = 0): Look {
  const known = state === "running" && failed > 0 ? "failing" : state;
  return WORKFLOWS[known] ?? { word: state, shape: "ring", tone: "waiting" };
}

/** Names of the signals that end jobs (signal(7), Linux). */
const SIGNALS: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

/** `exit 3`, `SIGKILL`, `unknown exit`; empty for none. */
export function exitWord(exit: Exit | null | undefined): string {
  if (!exit) return "";
  if (exit.kind === "exited") return `exit ${exit.code}`;
  if (exit.kind === "signalled") return SIGNALS[exit.signal ?? 0] ?? `signal ${exit.signal}`;
  return "unknown exit";
}
