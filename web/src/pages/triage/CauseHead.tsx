import type { Cause, Triage } from "@/api/schema";
import { Command } from "@/ui/Copy";
import { When } from "@/ui/When";
import { clean, count, percent, plural } from "@/words/format";
import css from "./Triage.module.css";

/** One cause: what it is, where, what follows from it, what to do. */
export function CauseHead({ cause, told }: { cause: Cause; told: Triage }) {
  return (
    <section className={css.head} aria-label="The cause">
      <div className={css.headTitle}>
        <h2>{clean(cause.title)}</h2>
        <span className="muted">
          {cause.node_count > 0 && `${plural(cause.node_count, "job")}, ${plural(cause.attempts, "try", "tries")}`}
          {cause.share > 0 && `, ${percent(cause.share)} of all that went wrong`}
        </span>
      </div>
      <p className={css.message}>{clean(cause.message)}</p>
      {(cause.lifts ?? []).map((lift) => (
        <p key={lift.kind + lift.name} className={css.lift}>
          {lift.tries === lift.of ? `All ${count(lift.of)}` : `${count(lift.tries)} of ${count(lift.of)}`} failed{" "}
          {lift.kind === "transformation" ? "in" : "on"} {lift.kind} <b>{clean(lift.name)}</b>, where only{" "}
          {percent(lift.base_share)} of all tries were.
        </p>
      ))}
      <Facts cause={cause} />
      <More cause={cause} />
      <div className={css.next}>
        <p>
          <b>Next:</b> {clean(cause.next_step)}
          {!cause.retry_helps && !cause.resolved && " Trying again by itself does not help."}
        </p>
        {cause.command && <Command line={cause.command} />}
        {!cause.resolved &&
          (told.steps ?? []).map((step) => (
            <p key={step.when} className={css.step}>
              <span className="muted">{clean(step.when)}:</span> <Command line={step.do} />
              {step.note && <span className="muted"> {clean(step.note)}</span>}
            </p>
          ))}
      </div>
    </section>
  );
}

function Facts({ cause }: { cause: Cause }) {
  return (
    <dl className={css.facts}>
      <div>
        <dt>first, last</dt>
        <dd>
          <When time={cause.first_ts} /> – <When time={cause.last_ts} />
        </dd>
      </div>
      {!cause.resolved && cause.node_count > 0 && (
        <div>
          <dt>blocks</dt>
          <dd>{cause.blocks === null ? "too many to say" : plural(cause.blocks ?? 0, "job")}</dd>
        </div>
      )}
      {cause.retries_left > 0 && (
        <div>
          <dt>tries left</dt>
          <dd>{count(cause.retries_left)}</dd>
        </div>
      )}
      <Names of="hosts" names={cause.hosts} />
    </dl>
  );
}

/** What is looked up rather than read: where else it was, what it touched, what followed from it. */
function More({ cause }: { cause: Cause }) {
  const missing = (cause.files ?? []).filter((f) => f.missing).map((f) => f.lfn);
  const followed = cause.consequences ?? [];
  const words = [
    cause.sites?.length && "sites",
    cause.transformations?.length && "transformations",
    cause.tasks?.length && "tasks",
    missing.length && "files",
    followed.length && "what followed",
  ].filter(Boolean);
  if (words.length === 0) return null;
  return (
    <details className={css.more}>
      <summary>More: {words.join(", ")}</summary>
      <dl className={css.facts}>
        <Names of="sites" names={cause.sites} />
        <Names of="transformations" names={cause.transformations} />
        <Names of="tasks" names={cause.tasks} />
        <Names of="files not there" names={missing} />
      </dl>
      <ul>
        {followed.map((one) => (
          <li key={one}>{clean(one)}</li>
        ))}
      </ul>
    </details>
  );
}

/** Names that are shown; the others are counted. */
const SHOWN = 3;

function Names({ of, names }: { of: string; names: string[] | undefined }) {
  if (!names?.length) return null;
  return (
    <div>
      <dt>{of}</dt>
      <dd>
        {names.slice(0, SHOWN).map(clean).join(", ")}
        {names.length > SHOWN && ` and ${count(names.length - SHOWN)} more`}
      </dd>
    </div>
  );
}
