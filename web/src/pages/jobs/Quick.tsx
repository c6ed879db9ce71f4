import { Link } from "@tanstack/react-router";
import type { WorkflowStatus } from "@/api/schema";
import css from "@/pages/jobs/jobs.module.css";
import { isQuick, type JobsSearch, QUICK, type Quick } from "@/pages/jobs/search";
import { StateIcon } from "@/ui/StateMark";
import { count } from "@/words/format";
import { jobLook } from "@/words/states";

/** Questions that are asked often, with how many jobs each leaves where that is known. */
export function QuickFilters({
  uuid,
  search,
  status,
}: {
  uuid: string;
  search: JobsSearch;
  status: readonly WorkflowStatus[];
}) {
  const isOver = status.length > 0 && status.every((one) => one.state !== "running");
  return (
    <nav className={css.quick} aria-label="Jobs by state">
      {QUICK.map((quick) => {
        const jobs = jobsOf(quick, status);
        if (isIdle(quick, jobs, isOver) && !isQuick(search, quick)) return null;
        return (
          <Link
            key={quick.word}
            to="/workflows/$uuid/jobs"
            params={{ uuid }}
            search={{ ...search, where: quick.where, sort: quick.sort }}
            replace
            activeOptions={{ exact: true, includeSearch: true }}
            className="button"
          >
            {quick.state && <StateIcon look={jobLook(quick.state)} />}
            {quick.word}
            {jobs !== undefined && <span className={css.n}>{count(jobs)}</span>}
          </Link>
        );
      })}
    </nav>
  );
}

/** Whether it cannot leave any job: what only running workflows have, of one that is over. */
function isIdle(quick: Quick, jobs: number | undefined, isOver: boolean): boolean {
  return isOver && (jobs === 0 || quick.state === "ready");
}

/** How many jobs a quick question leaves, by the counts of the workflows; undefined where they do not tell. */
export function jobsOf(quick: Quick, status: readonly WorkflowStatus[]): number | undefined {
  const sum = (of: (one: WorkflowStatus) => number) => status.reduce((n, one) => n + of(one), 0);
  if (status.length === 0) return undefined;
  switch (quick.where) {
    case undefined:
      return sum((one) => one.nodes.total);
    case "word=failed":
      return sum((one) => one.nodes.failed);
    case "word=futile":
      return sum((one) => one.nodes.futile);
    case "word=done":
      return sum((one) => one.nodes.done);
    case "word=running":
      return sum((one) => one.running);
    case "word=idle":
      return sum((one) => one.idle);
    case "word=held":
      return sum((one) => one.held);
    default:
      return undefined;
  }
}
