import { Link } from "@tanstack/react-router";
import type { Totals } from "@/api/schema";
import css from "@/pages/runs/runs.module.css";
import { type Kind, kindOf, kindWhere, type RunsSearch } from "@/pages/runs/search";
import { StateIcon } from "@/ui/StateMark";
import { count } from "@/words/format";
import { workflowLook } from "@/words/states";

/** How all runs stand, in a few numbers; each leads to its runs. */
export function Tiles({
  totals,
  search,
  midnightTs,
}: {
  totals: Totals | undefined;
  search: RunsSearch;
  midnightTs: number;
}) {
  const chosen = kindOf(search.where, midnightTs);
  return (
    <nav className={css.tiles} aria-label="Runs by state">
      {tilesOf(totals).map(({ kind, word, runs, state }) => {
        const look = workflowLook(state);
        return (
          <Link
            key={kind}
            to="/"
            search={{ ...search, where: kindWhere(search.where, kind, midnightTs), view: undefined }}
            className={css.tile}
            activeOptions={{ exact: true, includeSearch: true }}
            data-tone={kind === "all" || !runs ? undefined : look.tone}
            data-chosen={chosen === kind || undefined}
          >
            <span className={css.big}>{runs === undefined ? "–" : count(runs)}</span>
            <span className={css.word}>
              {kind !== "all" && <StateIcon look={look} />}
              {word}
            </span>
          </Link>
        );
      })}
    </nav>
  );
}

function tilesOf(totals: Totals | undefined): { kind: Kind; word: string; runs: number | undefined; state: string }[] {
  return [
    { kind: "running", word: "running", runs: totals && (totals.states?.running ?? 0), state: "running" },
    { kind: "failing", word: "of them failing", runs: totals?.failing, state: "failing" },
    { kind: "failed", word: "failed today", runs: totals && (totals.since?.failed ?? 0), state: "failed" },
    { kind: "success", word: "succeeded today", runs: totals && (totals.since?.success ?? 0), state: "success" },
    { kind: "all", word: "runs in all", runs: totals?.runs, state: "unstarted" },
  ];
}
