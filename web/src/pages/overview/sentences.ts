/** How a run stands, in sentences. */

import type { Nodes, Progress, WorkflowStatus } from "@/api/schema";
import { count, duration, epoch, moment, percent, plural } from "@/words/format";

/** Counts of all workflows of a forest together. */
export function nodesOf(workflows: readonly WorkflowStatus[]): Nodes {
  const sum: Nodes = { total: 0, done: 0, failed: 0, futile: 0, ready: 0, unready: 0, pre: 0, queued: 0, post: 0 };
  for (const { nodes } of workflows) {
    for (const key of Object.keys(sum) as (keyof Nodes)[]) sum[key] += nodes[key];
  }
  return sum;
}

/** A running workflow of which nothing was heard for so long is told of as of its last record, as its progress is. */
const UNHEARD_S = 86_400;

/** Whether a run that should be writing was not heard of for so long that nobody follows it. */
export function isUnheard(status: WorkflowStatus, nowTs: number): boolean {
  return status.state === "running" && nowTs - (epoch(status.last_ts) ?? nowTs) > UNHEARD_S;
}

/** The first sentence of the page: what happens, or happened. `runningForS`: since when it runs, where it does. */
export function headline(status: WorkflowStatus, runningForS?: number): string {
  const { nodes, state } = status;
  const took = duration(status.duration_s);
  switch (state) {
    case "unstarted":
      return "It has not started yet.";
    case "running": {
      const since = runningForS === undefined ? "" : ` for ${duration(runningForS)}`;
      if (status.halted) return `Halted${since}: DAGMan submits nothing new.`;
      const failing = nodes.failed > 0 ? `, ${count(nodes.failed)} of ${count(nodes.total)} failed` : "";
      return `Running${since}${failing}.`;
    }
    case "success":
      return `Succeeded in ${took}.`;
    case "failed":
      return `Failed after ${took}.`;
    case "removed":
      return `Removed after ${took}.`;
    case "halted":
      return `Halted after ${took}.`;
    case "lost":
      return `Lost after ${took}: its engine is gone and left no word.`;
    default:
      return `${state}, ${took}.`;
  }
}

/** What has come of the jobs: `6 of 14 jobs done, 1 failed, 7 can never run`. */
export function counts(nodes: Nodes): string {
  const parts = [`${count(nodes.done)} of ${plural(nodes.total, "job")} done`];
  if (nodes.failed > 0) parts.push(`${count(nodes.failed)} failed`);
  if (nodes.futile > 0) parts.push(`${count(nodes.futile)} can never run`);
  return parts.join(", ");
}

/** What stands before the end of a run that nobody follows. */
export function asOf(progress: Progress, nowTs: number): string {
  const ts = epoch(progress.as_of_ts);
  return ts !== undefined && nowTs - ts > UNHEARD_S ? `As of ${moment(ts, nowTs)}: ` : "";
}

/** When it ends: `Ends between 14:20 and 14:50, most likely 14:31 (80 % sure).`; why not, when no end can be told. */
export function ending(progress: Progress, nowTs: number): string {
  const [low, eta, high] = [epoch(progress.eta_low_ts), epoch(progress.eta_ts), epoch(progress.eta_high_ts)];
  if (low === undefined || eta === undefined || high === undefined) {
    return progress.no_eta ? `No end can be told: ${progress.no_eta}.` : "No end can be told yet.";
  }
  const sure = `${percent(progress.confidence)} sure`;
  const coarse = eta - nowTs > 600;
  const clock = (ts: number) => shortened(moment(ts, nowTs), coarse);
  if (clock(low) === clock(high)) return `Ends at about ${clock(eta)} (${sure}).`;
  return `Ends between ${clock(low)} and ${clock(high)}, most likely ${clock(eta)} (${sure}).`;
}

/** A time without its seconds, where minutes are all that is meant. */
function shortened(words: string, coarse: boolean): string {
  return coarse ? words.replace(/(\d\d:\d\d):\d\d$/, "$1") : words;
}

/** `140 a minute`, `2.5 a minute`, `3 an hour`; for a rate in 1/min. */
export function rate(perMin: number | null | undefined): string {
  if (perMin === null || perMin === undefined) return "–";
  if (perMin === 0) return "0 a minute";
  if (perMin >= 0.995) return `${perMin < 9.95 ? Number(perMin.toFixed(1)) : count(Math.round(perMin))} a minute`;
  const perHour = perMin * 60;
  return perHour >= 0.995 ? `${Number(perHour.toFixed(1))} an hour` : `${Number((perHour * 24).toFixed(1))} a day`;
}

/** What an engine did, for people. A word that is new to this page is shown as it is. */
export function eventWord(state: string): string {
  return EVENTS[state] ?? state.replaceAll("_", " ");
}

const EVENTS: Record<string, string> = {
  dagman_submitted: "DAGMan queued",
  dagman_executing: "DAGMan started",
  dagman_held: "DAGMan held",
  dagman_released: "DAGMan released",
  dagman_evicted: "DAGMan evicted",
  dagman_removed: "DAGMan removed",
  dagman_terminated: "DAGMan ended",
  rescue_written: "rescue DAG written",
  rescue_read: "goes on from a rescue DAG",
  recovery: "recovered after a crash",
  halted: "halted",
  resumed: "resumed",
  removed: "removed",
  lost: "lost",
  parse_error: "DAG could not be read",
};
