import { Link } from "@tanstack/react-router";
import type { Cause, Job } from "@/api/schema";
import { Command, Copy } from "@/ui/Copy";
import { Loading } from "@/ui/Said";
import { StateMark } from "@/ui/StateMark";
import { Ago } from "@/ui/When";
import { clean, plural } from "@/words/format";
import { jobLook } from "@/words/states";
import { nextLines, showLine } from "./commands";
import css from "./job.module.css";
import { endWord, wordOf } from "./standing";

interface Props {
  uuid: string;
  job: Job;
  cause: Cause | undefined;
  /** The cause is still looked for. */
  judging: boolean;
  where: string;
  number: number | undefined;
}

/** What job it is, how it stands, why, and what to do. */
export function Head({ uuid, job, cause, judging, where, number }: Props) {
  const last = job.tries?.at(-1);
  const exit = last ? endWord(last) : "";
  const below = job.tries?.findLast((one) => one.workflow_below)?.workflow_below;
  return (
    <header className={css.head}>
      <div className={css.title}>
        <h2>
          <bdi>{clean(job.path)}</bdi>
        </h2>
        <Copy text={job.path} what="name of the job" />
        <StateMark look={jobLook(wordOf(job))} />
        {exit && (
          <span className={css.exit} data-tone={last?.outcome === "success" ? "done" : "fail"}>
            {exit}
          </span>
        )}
        {job.state_ts !== null && (
          <span className="muted">
            since <Ago time={job.state_ts} />
          </span>
        )}
      </div>
      <p className={css.facts}>
        {job.transformation && <span className="mono">{clean(job.transformation)}</span>}
        <span>{kindOf(job)}</span>
        <span>
          {plural(job.attempts, "try", "tries")}
          {job.max_retries > 0 && ` of ${job.max_retries + 1} at most`}
        </span>
        {job.reason && <span>{clean(job.reason)}</span>}
      </p>
      {below && (
        <p className={css.below}>
          It runs a sub-workflow:{" "}
          <Link to="/workflows/$uuid" params={{ uuid: below }}>
            open the workflow below
          </Link>
        </p>
      )}
      {judging && (
        <div className={css.why} data-judging>
          <Loading what="cause" />
        </div>
      )}
      {cause && <Why uuid={uuid} cause={cause} job={job} />}
      <div className="row">
        <Command line={showLine(job, where, number)} />
        {nextLines(job, where, cause).map((line) => (
          <Command key={line} line={clean(line)} />
        ))}
      </div>
    </header>
  );
}

function kindOf(job: Job): string {
  const words = [job.type, job.node_type === "job" ? "" : `${job.node_type} node`, job.clustered ? "clustered" : ""];
  return [...new Set(words.filter(Boolean))].join(", ");
}

/** The cause group that the job belongs to. */
function Why({ uuid, cause, job }: { uuid: string; cause: Cause; job: Job }) {
  const others = cause.node_count - 1;
  return (
    <section className={css.why} data-resolved={cause.resolved || undefined} aria-label="Cause">
      <h3>
        {cause.resolved ? "Earlier: " : ""}
        {clean(cause.title)}
      </h3>
      <p className={css.message}>{clean(cause.message)}</p>
      {(cause.consequences ?? []).map((one) => (
        <p key={one} className="muted">
          {clean(one)}
        </p>
      ))}
      {cause.next_step && !(cause.resolved && job.state === "done") && <p>{clean(cause.next_step)}</p>}
      <p>
        <Link to="/workflows/$uuid/triage" params={{ uuid }}>
          {others > 0 ? `${plural(others, "other job")} failed by the same cause` : "All causes of this run"}
        </Link>
      </p>
    </section>
  );
}
