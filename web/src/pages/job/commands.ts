/** Lines for a terminal that go on from the page of a job: pure. */

import type { Cause, Job } from "@/api/schema";
import { wordOf } from "./standing";

/** A word of a shell's command line. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}

/** The same answer on the command line. */
export function showLine(job: Job, where: string, attempt?: number): string {
  const which = attempt === undefined ? "" : ` --try ${attempt}`;
  return `stampede show ${quoted(job.job)} ${quoted(where)}${which}`;
}

/** What one may do next: follow its files, or act on it in HTCondor. */
export function nextLines(job: Job, where: string, cause: Cause | undefined): string[] {
  const id = job.tries?.at(-1)?.htcondor_id;
  const lines = [`stampede trace ${quoted(job.job)} ${quoted(where)}`];
  if (id) lines.push(...(CONDOR[wordOf(job)] ?? []).map((line) => `${line} ${id}`));
  if (cause?.command && !cause.command.startsWith("stampede show")) lines.push(cause.command);
  return [...new Set(lines)];
}

const CONDOR: Record<string, string[]> = {
  held: ["condor_q -hold", "condor_release"],
  idle: ["condor_q -better-analyze"],
  running: ["condor_tail", "condor_ssh_to_job"],
};

/** The cause that a job belongs to: one that stands before one that is over, as triage has them in order. */
export function causeOf(causes: Cause[], job: Job): Cause | undefined {
  const mine = causes.filter((cause) => cause.nodes?.some((node) => node === job.path || node === job.job));
  return mine.find((cause) => !cause.resolved) ?? mine[0];
}
