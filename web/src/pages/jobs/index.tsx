import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { forestQuery, statusQuery, workflowQuery } from "@/api/queries";
import type { JobItem, TryItem } from "@/api/schema";
import { COLUMNS, KNOWN } from "@/pages/jobs/columns";
import css from "@/pages/jobs/jobs.module.css";
import { QuickFilters } from "@/pages/jobs/Quick";
import { KnownTries } from "@/pages/jobs/Strip";
import { commandOf, type JobsSearch, questionOf, USUAL_SORT } from "@/pages/jobs/search";
import { byJob, keyOf, triesOf } from "@/pages/jobs/tries";
import { Command } from "@/ui/Copy";
import { Empty } from "@/ui/Said";
import { Chooser } from "@/ui/table/Chooser";
import { AddCondition, Chips } from "@/ui/table/Conditions";
import { shownIds } from "@/ui/table/columns";
import { addressOfList, oneOf, type Question } from "@/ui/table/question";
import { Search } from "@/ui/table/Search";
import { SortPicker } from "@/ui/table/SortPicker";
import { Table } from "@/ui/table/Table";
import type { Freshness } from "@/ui/table/useFresh";
import { pageAt } from "@/ui/table/usePages";

const FRESH: Freshness<JobItem> = {
  topic: "jobs",
  keyOf,
  pick: (jobs) => [oneOf("name", [...new Set(jobs.map((job) => job.name ?? ""))])],
  kinds: ["state", "try", "workflow"],
};

/** Rows of a CSV file at most: what the service gives at once. */
const CSV_ROWS = 10_000;

/** All jobs of a run, of any number. */
export default function Jobs() {
  const { uuid } = useParams({ from: "/workflows/$uuid" });
  const search = useSearch({ from: "/workflows/$uuid/jobs" });
  const { q, where, sort, cols, below } = search;
  const navigate = useNavigate();
  const workflow = useQuery(workflowQuery(uuid)).data;
  const own = useQuery(statusQuery(uuid)).data?.workflows;
  const all = useQuery({ ...forestQuery(uuid), enabled: below === true }).data?.workflows;
  const question = useMemo(() => questionOf(uuid, { q, where, sort, below }), [uuid, q, where, sort, below]);
  const shown = useMemo(() => shownIds(COLUMNS, cols), [cols]);
  const [view, setView] = useState<readonly JobItem[]>([]);
  const tries = useTries(question, view);
  const change = useCallback(
    (next: JobsSearch) =>
      void navigate({ to: "/workflows/$uuid/jobs", params: { uuid }, search: { ...search, ...next }, replace: true }),
    [navigate, uuid, search],
  );
  return (
    <div className="stack">
      <QuickFilters uuid={uuid} search={search} status={(below ? all : own) ?? []} />
      <search className={css.filters} aria-label="Narrow the list">
        <div className="row">
          <Search
            text={q ?? ""}
            what="Name, or output of failed jobs"
            onSearch={(text) => change({ q: text || undefined })}
          />
          <SortPicker columns={COLUMNS} sort={sort ?? USUAL_SORT} onSort={(next) => change({ sort: next })} />
          {(below || (workflow?.below ?? 0) > 0) && (
            <label className={css.below}>
              <input
                type="checkbox"
                checked={below ?? false}
                onChange={(event) => change({ below: event.target.checked || undefined })}
              />
              of sub-workflows too
            </label>
          )}
          <AddCondition known={KNOWN} onAdd={(one) => change({ where: where ? `${where}&${one}` : one })} />
          <Chooser columns={COLUMNS} shown={shown} onChoose={(next) => change({ cols: next })} />
          <a
            className="button"
            href={addressOfList(question, { format: "csv", limit: CSV_ROWS })}
            download="jobs.csv"
            title="These jobs as CSV, up to 10,000 of them"
          >
            CSV
          </a>
          <span className={css.command}>
            <Command line={commandOf(uuid, search)} />
          </span>
        </div>
        <Chips where={where} known={KNOWN} onChange={(next) => change({ where: next })} />
      </search>
      <KnownTries.Provider value={tries}>
        <Table<JobItem>
          name="Jobs"
          question={question}
          sort={sort ?? USUAL_SORT}
          onSort={(next) => change({ sort: next === USUAL_SORT ? undefined : next })}
          columns={COLUMNS}
          shown={shown}
          fresh={FRESH}
          shortest="name"
          rowPx={{ wide: 34, phone: 68 }}
          onOpen={(job) =>
            void navigate({
              to: "/workflows/$uuid/jobs/$name",
              params: { uuid: job.wf_uuid ?? uuid, name: job.name ?? "" },
            })
          }
          onView={setView}
          empty={<None search={search} onClear={() => change({ q: undefined, where: undefined })} />}
        />
      </KnownTries.Provider>
    </div>
  );
}

/** Tries of the jobs in view. Those known before stay until the others are there. */
function useTries(question: Question, view: readonly JobItem[]) {
  const asked = useMemo(() => triesOf(question, view), [question, view]);
  const address = addressOfList(asked, {
    limit: 2000,
    fields: "wf_uuid,job,attempt,seq,state,outcome,exit,site,hostname,evictions,holds,hold_reason",
  });
  const { data } = useQuery({
    queryKey: ["jobs", "tries", address] as const,
    queryFn: ({ signal }) => pageAt<TryItem>(address, signal),
    enabled: asked.where.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });
  return useMemo(() => byJob(data?.items ?? []), [data]);
}

function None({ search, onClear }: { search: JobsSearch; onClear: () => void }) {
  if (!search.where && !search.q)
    return <Empty title="No jobs are known">They show up here as soon as the plan of this run was read.</Empty>;
  return (
    <Empty title={search.where === "word=failed" && !search.q ? "No job has failed" : "No job matches"}>
      <button type="button" className="button" onClick={onClear}>
        All jobs
      </button>
    </Empty>
  );
}
