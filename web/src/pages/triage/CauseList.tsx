import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Cause, Triage } from "@/api/schema";
import { StateIcon } from "@/ui/StateMark";
import { clean, count, percent, plural } from "@/words/format";
import { jobLook, workflowLook } from "@/words/states";
import { NEVER } from "./search";
import { ordered } from "./select";
import css from "./Triage.module.css";

/** Groups of failures by cause, the most important first; j and k go through them. */
export function CauseList({
  uuid,
  told,
  chosen,
  onEnter,
}: {
  uuid: string;
  told: Triage;
  chosen: string | undefined;
  onEnter: () => void;
}) {
  const { standing, over } = ordered(told.causes);
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const row = chosen && list.current?.querySelector(`[data-id="${CSS.escape(chosen)}"]`);
    if (row) row.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const row = (cause: Cause) => (
    <Row key={cause.id} uuid={uuid} cause={cause} chosen={cause.id === chosen} onEnter={onEnter} />
  );
  return (
    <nav ref={list} className={css.causes} aria-label="Causes">
      {standing.length > 0 && <h2 className={css.part}>{plural(standing.length, "cause")}</h2>}
      <ol>{standing.map(row)}</ol>
      {told.never_run > 0 && (
        <>
          <h2 className={css.part}>What follows</h2>
          <Link
            to="/workflows/$uuid/triage"
            params={{ uuid }}
            search={{ cause: NEVER }}
            className={css.causeRow}
            data-id={NEVER}
            data-tone="futile"
            aria-current={chosen === NEVER || undefined}
            resetScroll={false}
          >
            <span className={css.causeTitle}>
              <StateIcon look={jobLook("futile")} />
              {plural(told.never_run, "job")} can never run
            </span>
            <span className={css.causeFacts}>they wait for what has failed</span>
          </Link>
        </>
      )}
      {over.length > 0 && <h2 className={css.part}>Over: went well in the end</h2>}
      <ol>{over.map(row)}</ol>
      {told.incomplete && <p className="muted">Some kinds of failures were too rare to be told here.</p>}
    </nav>
  );
}

function Row({ uuid, cause, chosen, onEnter }: { uuid: string; cause: Cause; chosen: boolean; onEnter: () => void }) {
  const look = cause.resolved ? jobLook("done") : cause.retries_left > 0 ? workflowLook("failing") : jobLook("failed");
  return (
    <li>
      <Link
        to="/workflows/$uuid/triage"
        params={{ uuid }}
        search={{ cause: cause.id }}
        className={css.causeRow}
        data-id={cause.id}
        data-tone={look.tone}
        aria-current={chosen || undefined}
        resetScroll={false}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !chosen) return;
          event.preventDefault();
          onEnter();
        }}
      >
        <span className={css.causeTitle}>
          <StateIcon look={look} />
          <span>
            {cause.node_count > 0 && <b className="number">{count(cause.node_count)} × </b>}
            {clean(cause.title)}
          </span>
        </span>
        <span className={css.causeMessage}>{clean(cause.message)}</span>
        <span className={css.causeFacts}>{factsOf(cause).join(" · ")}</span>
      </Link>
    </li>
  );
}

/** What a row says of its cause in few words. */
function factsOf(cause: Cause): string[] {
  const found: string[] = [];
  if (cause.share > 0) found.push(`${percent(cause.share)} of failures`);
  if (cause.blocks) found.push(`blocks ${count(cause.blocks)}`);
  if (cause.retries_left > 0) found.push(`tried again, ${count(cause.retries_left)} left`);
  const lift = cause.lifts?.[0];
  if (lift) {
    const many = lift.tries === lift.of ? `all ${count(lift.of)}` : `${count(lift.tries)} of ${count(lift.of)}`;
    found.push(`${many} on ${clean(lift.name)}`);
  }
  return found;
}
