/** What the page of the graph says in words. */

import { type GraphData, totalsOf } from "@/pages/graph/data";
import { MOST_JOBS } from "@/pages/graph/queries";
import type { GraphSearch, View } from "@/pages/graph/search";
import { count, plural } from "@/words/format";
import { jobLook } from "@/words/states";

const SHOWN: Record<View, string> = {
  transformation: "jobs by transformation",
  level: "jobs by transformation and level",
  workflows: "workflows of this run",
  failures: "failed jobs, what they waited for, and what can never run",
  near: "the neighbourhood of a job",
  jobs: "all jobs",
};

/** The picture for those who cannot see it. */
export function summaryOf(data: GraphData, view: View): string {
  const states = [...totalsOf(data)].map(([state, n]) => `${count(n)} ${jobLook(state).word}`).join(", ");
  const { count: nodes, parent } = data.shape;
  return `Graph of ${SHOWN[view]}: ${plural(nodes, "node")}, ${plural(parent.length, "edge")}; ${states}. The list beside it has all nodes.`;
}

/** Why something else is shown than was asked for, or less. */
export function said(search: GraphSearch, view: View, jobs: number, cut: boolean): string {
  if (search.view === "jobs" && view === "level") {
    return `${count(jobs)} jobs are more than the ${count(MOST_JOBS)} that can be told apart one by one: each box is the jobs of one transformation on one level. Failures and neighbourhoods show single jobs at any size.`;
  }
  if (!cut) return "";
  return view === "failures"
    ? "There is more than is shown here: what failed first, and what is nearest to it."
    : "There is more near it than is shown here.";
}

/** The verb that gives the same on the command line. */
export function commandOf(view: View, { of }: GraphSearch, uuid: string): string {
  const short = uuid.slice(0, 8);
  if (view === "near" && of) return `stampede trace ${quoted(of)} ${short}`;
  if (view === "failures") return `stampede triage ${short}`;
  if (view === "workflows") return `stampede status ${short}`;
  return view === "jobs" ? `stampede jobs ${short}` : `stampede stats ${short}`;
}

/** A name as a shell reads it. */
function quoted(name: string): string {
  return /^[\w.@%+=:,/-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
