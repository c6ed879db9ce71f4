import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { triageQuery } from "@/api/queries";
import type { Cause, Triage, WorkflowStatus } from "@/api/schema";
import { explaining } from "@/pages/triage/explain";
import { Card } from "@/ui/Card";
import { AllWell, Failed, Loading } from "@/ui/Said";
import { clean, count, percent, plural } from "@/words/format";
import css from "./Overview.module.css";

/** Causes that are shown here; the others stand on the page of triage. */
const SHOWN = 3;

/** Failed tries from which on room for several causes is kept, so that nothing moves when they come. */
const MANY = 20;

/** What is wrong, causes first, each with the line of output that explains it. */
export function Causes({ uuid, own }: { uuid: string; own: WorkflowStatus }) {
  const { data, error, refetch } = useQuery(triageQuery(uuid));
  const expected = own.attempts.failed + own.held + own.nodes.failed > 0;
  return (
    <Card title="What is wrong" aside={data && <Aside uuid={uuid} told={data} />}>
      <div className={own.attempts.failed >= MANY ? css.manyRoom : expected ? css.causesRoom : css.wellRoom}>
        {error && !data ? (
          <Failed error={error} again={() => void refetch()} />
        ) : data ? (
          <Told uuid={uuid} told={data} own={own} />
        ) : (
          <Loading what="what is wrong" lines={expected ? 6 : 2} />
        )}
      </div>
    </Card>
  );
}

function Aside({ uuid, told }: { uuid: string; told: Triage }) {
  if (told.causes.length === 0) return null;
  return (
    <Link to="/workflows/$uuid/triage" params={{ uuid }}>
      See failed jobs →
    </Link>
  );
}

function Told({ uuid, told, own }: { uuid: string; told: Triage; own: WorkflowStatus }) {
  const standing = told.causes.filter((c) => !c.resolved);
  const over = told.causes.filter((c) => c.resolved);
  if (standing.length === 0) return <Well over={over} own={own} uuid={uuid} />;
  return (
    <>
      <ol className={css.causes}>
        {standing.slice(0, SHOWN).map((cause) => (
          <One key={cause.id} uuid={uuid} cause={cause} />
        ))}
      </ol>
      {standing.length > SHOWN && (
        <p>
          <Link to="/workflows/$uuid/triage" params={{ uuid }}>
            {plural(standing.length - SHOWN, "further cause")}
          </Link>
        </p>
      )}
      {told.never_run > 0 && (
        <p>
          <Link to="/workflows/$uuid/triage" params={{ uuid }} search={{ cause: "never" }}>
            {plural(told.never_run, "job")} can never run
          </Link>{" "}
          now, until the causes are mended.
        </p>
      )}
      {over.length > 0 && (
        <p className="muted">
          {plural(over.length, "further thing")} went wrong and {over.length === 1 ? "is" : "are"} over.
        </p>
      )}
    </>
  );
}

function One({ uuid, cause }: { uuid: string; cause: Cause }) {
  const lines = (cause.sample_output ?? "").split("\n");
  const marks = explaining(lines, cause.message);
  const shown = marks.length > 0 ? lines[marks[marks.length - 1]] : cause.message;
  return (
    <li className={css.cause}>
      <h3>
        <Link to="/workflows/$uuid/triage" params={{ uuid }} search={{ cause: cause.id }}>
          {cause.node_count > 0 ? `${plural(cause.node_count, "job")}: ` : ""}
          {clean(cause.title)}
        </Link>
        {cause.retries_left > 0 && (
          <span className={css.again}>being tried again, {plural(cause.retries_left, "try", "tries")} left</span>
        )}
      </h3>
      {marks.length > 0 && <p className="muted">{clean(cause.message.replace(shown.trim(), "").trim())}</p>}
      <pre className={css.line}>{clean(shown)}</pre>
      <p className={css.facts}>
        {[
          cause.share > 0 && `${percent(cause.share)} of all that went wrong`,
          ...(cause.lifts ?? []).map((l) => `${count(l.tries)} of ${count(l.of)} on ${l.kind} ${clean(l.name)}`),
          cause.blocks && `${plural(cause.blocks, "job")} can never run because of it`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
    </li>
  );
}

function Well({ over, own, uuid }: { over: Cause[]; own: WorkflowStatus; uuid: string }) {
  const title = own.state === "running" ? "Nothing is wrong so far" : "Nothing is wrong";
  if (!["running", "success", "unstarted"].includes(own.state)) {
    return <p>Nothing that went wrong in a job is known. {own.reason ? clean(own.reason) : ""}</p>;
  }
  return (
    <AllWell title={title}>
      {over.length === 0 ? (
        "No job failed, was held or was removed."
      ) : (
        <>
          What went wrong is over:
          <ul className={css.over}>
            {over.slice(0, SHOWN).map((cause) => (
              <li key={cause.id}>
                <Link to="/workflows/$uuid/triage" params={{ uuid }} search={{ cause: cause.id }}>
                  {cause.node_count > 0 ? `${plural(cause.node_count, "job")}: ` : ""}
                  {clean(cause.title)}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </AllWell>
  );
}
