import { Link } from "@tanstack/react-router";
import type { Comparison } from "@/api/schema";
import css from "@/pages/compare/Compare.module.css";
import { makespanWords, subject } from "@/pages/compare/words";
import { StateMark } from "@/ui/StateMark";
import { duration, plural } from "@/words/format";
import { workflowLook } from "@/words/states";

/** The two sides at a glance: how long, how they ended, what changed first. */
export function Summary({ found, choose }: { found: Comparison; choose: (against: string) => void }) {
  const most = Math.max(found.old_makespan_s, found.new_makespan_s, 1e-9);
  const sides = [
    {
      word: found.old_runs > 1 ? `before (median of ${found.old_runs})` : "before",
      s: found.old_makespan_s,
      state: found.old_state,
    },
    { word: "this run", s: found.new_makespan_s, state: found.new_state },
  ];
  const { first } = found;
  return (
    <section className={css.card} aria-labelledby="summary-title">
      <h2 id="summary-title" className={css.headline}>
        {makespanWords(found)}
      </h2>
      <dl className={css.sides}>
        {sides.map(({ word, s, state }, i) => (
          <div key={word} className={css.side}>
            <dt>{word}</dt>
            <dd className={css.length}>
              <span
                className={css.makespan}
                data-new={i === 1 || undefined}
                style={{ width: `${(s / most) * 100}%` }}
              />
            </dd>
            <dd className="number nowrap">{duration(s)}</dd>
            <dd>
              <StateMark look={workflowLook(state)} />
            </dd>
          </div>
        ))}
      </dl>
      {first && found.changes.length > 1 && first.first_s !== null && (
        <p>
          Changed first: <strong>{subject(first)}</strong>, {duration(Math.round(first.first_s))} after the start. What
          came later may follow from it.
        </p>
      )}
      <p className="muted">
        Held against {plural(found.old_runs, "run")}:{" "}
        {found.old_uuids.map((uuid, i) => (
          <span key={uuid}>
            {i > 0 && ", "}
            <Link to="/workflows/$uuid" params={{ uuid }}>
              {uuid.slice(0, 8)}
            </Link>
            {found.old_runs > 1 && (
              <>
                {" "}
                <button type="button" className={css.only} onClick={() => choose(uuid)}>
                  only this one
                </button>
              </>
            )}
          </span>
        ))}
        .
      </p>
    </section>
  );
}
