import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { progressQuery } from "@/api/queries";
import type { WorkflowStatus } from "@/api/schema";
import { Command } from "@/ui/Copy";
import { useNow } from "@/ui/clock";
import { StateMark } from "@/ui/StateMark";
import { Ago } from "@/ui/When";
import { barOf } from "@/words/counts";
import { clean, count, duration, epoch, plural } from "@/words/format";
import { jobLook } from "@/words/states";
import css from "./Overview.module.css";
import { asOf, counts, ending, headline, isUnheard, nodesOf } from "./sentences";

/** How the run stands, in words: what happens, how far, when it ends. */
export function Verdict({ uuid, workflows }: { uuid: string; workflows: WorkflowStatus[] }) {
  const own = workflows[0];
  const runs = own.state === "running";
  return (
    <section className={css.verdict} aria-label="How it stands" data-tone={toneOf(own)}>
      <p className={css.headline}>{runs ? <Running own={own} /> : headline(own)}</p>
      <p className={css.counts}>
        {counts(own.nodes)}.{workflows.length > 1 && <Below workflows={workflows} />}
        {own.attempts.failed > 0 && ` ${plural(own.attempts.failed, "try", "tries")} went wrong on the way.`}
        {own.restart_count > 0 && ` Run ${own.restart_count + 1}.`}
      </p>
      {runs ? (
        <Ending uuid={uuid} />
      ) : (
        <p className="muted">
          {own.state === "unstarted" ? "Planned, and waiting for its engine." : "Its last record is from "}
          {own.state !== "unstarted" && <Ago time={own.last_ts} />}
          {own.state !== "unstarted" && "."}
        </p>
      )}
      {own.reason && <p className={css.reason}>{clean(own.reason)}</p>}
      <ul className={css.legend} aria-label="Jobs by state">
        {barOf(own)
          .filter(([, n]) => n > 0)
          .map(([state, n]) => (
            <li key={state}>
              <Link to="/workflows/$uuid/jobs" params={{ uuid }} search={{ where: `word=${state}` } as never}>
                <StateMark look={jobLook(state)}>
                  <b className="number">{count(n)}</b> {jobLook(state).word}
                </StateMark>
              </Link>
            </li>
          ))}
      </ul>
      <div className={css.command}>
        <Command line={`stampede status ${uuid.slice(0, 8)}`} />
      </div>
    </section>
  );
}

function toneOf(own: WorkflowStatus): string {
  if (own.nodes.failed > 0 || ["failed", "removed"].includes(own.state)) return "fail";
  if (own.state === "success") return "done";
  return own.state === "running" && !own.halted ? "run" : "held";
}

function Running({ own }: { own: WorkflowStatus }) {
  const now = useNow();
  const since = epoch(own.started_ts);
  const until = isUnheard(own, now) ? epoch(own.last_ts) : Math.floor(now);
  const lasts = since === undefined || until === undefined ? undefined : Math.max(0, until - since);
  return isUnheard(own, now)
    ? `Was running when it was last heard of, after ${duration(lasts)}.`
    : headline(own, lasts);
}

function Below({ workflows }: { workflows: WorkflowStatus[] }) {
  const all = nodesOf(workflows);
  return ` With its ${plural(workflows.length - 1, "sub-workflow")}: ${counts(all)}.`;
}

function Ending({ uuid }: { uuid: string }) {
  const { data } = useQuery(progressQuery(uuid));
  const progress = data?.progress;
  const now = useNow();
  const told = epoch(progress?.as_of_ts);
  return (
    <p className={css.ending}>
      {progress && told !== undefined ? asOf(progress, now) + ending(progress, told) : "\u00a0"}
    </p>
  );
}
