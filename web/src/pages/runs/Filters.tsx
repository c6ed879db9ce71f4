import { useState } from "react";
import type { Totals } from "@/api/schema";
import { COLUMNS, KNOWN } from "@/pages/runs/columns";
import css from "@/pages/runs/runs.module.css";
import { choosing, chosenOf, type RunsSearch, USUAL_SORT } from "@/pages/runs/search";
import { Chooser } from "@/ui/table/Chooser";
import { AddCondition, Chips } from "@/ui/table/Conditions";
import { withCondition } from "@/ui/table/question";
import { Search } from "@/ui/table/Search";
import { SortPicker } from "@/ui/table/SortPicker";
import { clean, count } from "@/words/format";
import { workflowLook } from "@/words/states";

const SPANS: [word: string, seconds: number][] = [
  ["the last hour", 3600],
  ["the last day", 86_400],
  ["the last week", 604_800],
  ["the last 30 days", 2_592_000],
];

/** What the list is narrowed to. */
export function Filters({
  search,
  totals,
  shown,
  onChange,
}: {
  search: RunsSearch;
  totals: Totals | undefined;
  shown: readonly string[];
  onChange: (change: RunsSearch) => void;
}) {
  const [open, setOpen] = useState(false);
  const where = (next: string | undefined) => onChange({ where: next });
  return (
    <search className={css.filters} aria-label="Narrow the list">
      <div className="row">
        <Search
          text={search.q ?? ""}
          what="Label, directory, reason"
          onSearch={(q) => onChange({ q: q || undefined })}
        />
        <SortPicker columns={COLUMNS} sort={search.sort ?? USUAL_SORT} onSort={(sort) => onChange({ sort })} />
        <button type="button" className={`button ${css.toggle}`} aria-expanded={open} onClick={() => setOpen(!open)}>
          Filter
        </button>
        <div className={css.more} data-open={open || undefined}>
          <select
            className="field"
            aria-label="state"
            value={chosenOf(search.where, "state") ?? ""}
            onChange={(event) => where(choosing(search.where, "state", event.target.value || undefined))}
          >
            <option value="">any state</option>
            {Object.entries(totals?.states ?? {}).map(([state, runs]) => (
              <option key={state} value={state}>
                {workflowLook(state).word} ({count(runs)})
              </option>
            ))}
          </select>
          {(
            [
              ["label", "label", totals?.labels],
              ["user", "user", totals?.users],
              ["submit_hostname", "host", totals?.hosts],
            ] as const
          ).map(([column, word, names]) => (
            <select
              key={column}
              className="field"
              aria-label={word}
              value={chosenOf(search.where, column) ?? ""}
              onChange={(event) => where(choosing(search.where, column, event.target.value || undefined))}
            >
              <option value="">any {word}</option>
              {withChosen(names ?? [], chosenOf(search.where, column)).map(({ name, runs }) => (
                <option key={name} value={name}>
                  {clean(name)}
                  {runs > 0 && ` (${count(runs)})`}
                </option>
              ))}
            </select>
          ))}
          <select
            className="field"
            aria-label="started"
            value=""
            onChange={(event) => {
              const from = Math.floor(Date.now() / 1000) - Number(event.target.value);
              where(withCondition(search.where, "started_ts", `started_ts>=${from}`));
            }}
          >
            <option value="">any time</option>
            {SPANS.map(([word, seconds]) => (
              <option key={word} value={seconds}>
                started in {word}
              </option>
            ))}
          </select>
          <AddCondition known={KNOWN} onAdd={(one) => where(search.where ? `${search.where}&${one}` : one)} />
          <Chooser columns={COLUMNS} shown={shown} onChoose={(cols) => onChange({ cols })} />
        </div>
      </div>
      <Chips where={search.where} known={KNOWN} onChange={where} />
    </search>
  );
}

/** Names that can be chosen; the chosen one is among them also when few runs have it. */
function withChosen(names: readonly { name: string | null; runs: number }[], chosen: string | undefined) {
  const there = names.filter((one): one is { name: string; runs: number } => one.name !== null);
  return chosen === undefined || there.some((one) => one.name === chosen)
    ? there
    : [{ name: chosen, runs: 0 }, ...there];
}
