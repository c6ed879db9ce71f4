/** Counts of a workflow's jobs, in the parts that bars and sentences show. */

import type { WorkflowStatus } from "@/api/schema";

/** Jobs by word, in the order of bars; what is in HTCondor's queue is told apart as far as it is known. */
export function barOf(status: WorkflowStatus): [state: string, n: number][] {
  const { nodes, running, idle, held } = status;
  const told = Math.min(nodes.queued, running + idle + held);
  return [
    ["done", nodes.done],
    ["running", running],
    ["idle", idle],
    ["held", held],
    ["queued", nodes.queued - told],
    ["pre", nodes.pre],
    ["post", nodes.post],
    ["ready", nodes.ready],
    ["unready", nodes.unready],
    ["futile", nodes.futile],
    ["failed", nodes.failed],
  ];
}
