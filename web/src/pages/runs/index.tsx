import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { WorkflowItem } from "@/api/schema";
import { Live } from "@/live/Live";
import { Below, belowPx } from "@/pages/runs/Below";
import { COLUMNS } from "@/pages/runs/columns";
import { Begin, NoneMatches } from "@/pages/runs/Empty";
import { Filters } from "@/pages/runs/Filters";
import { Labels } from "@/pages/runs/Labels";
import { Marked } from "@/pages/runs/Marked";
import { totalsQuery } from "@/pages/runs/queries";
import css from "@/pages/runs/runs.module.css";
import { chosenOf, commandOf, midnight, questionOf, type RunsSearch, USUAL_SORT } from "@/pages/runs/search";
import { Tiles } from "@/pages/runs/Tiles";
import { Trend } from "@/pages/runs/Trend";
import { Views } from "@/pages/runs/Views";
import { Command } from "@/ui/Copy";
import { useNow } from "@/ui/clock";
import { LiveBadge } from "@/ui/LiveBadge";
import { shownIds } from "@/ui/table/columns";
import { oneOf } from "@/ui/table/question";
import { Table } from "@/ui/table/Table";
import type { Freshness } from "@/ui/table/useFresh";

/** All runs of all databases, live. */
export default function Runs() {
  return (
    <Live address="/api/v1/stream?types=summary,workflow,engine">
      <Inside />
    </Live>
  );
}

const FRESH: Freshness<WorkflowItem> = {
  topic: "numbers",
  keyOf: (run) => run.wf_uuid ?? "",
  pick: (runs) => [
    oneOf(
      "wf_uuid",
      runs.map((run) => run.wf_uuid ?? ""),
    ),
  ],
  kinds: ["summary", "workflow", "engine"],
};

const DETAIL = {
  heightPx: belowPx,
  has: (run: WorkflowItem) => (run.below ?? 0) > 0,
  render: (run: WorkflowItem) => <Below run={run} />,
};

function Inside() {
  const search = useSearch({ from: "/" });
  const navigate = useNavigate();
  const midnightTs = midnight(useNow());
  const { data: totals } = useQuery(totalsQuery(midnightTs));
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const change = (next: RunsSearch) => void navigate({ to: "/", search: { ...search, ...next }, replace: true });
  const label = chosenOf(search.where, "label");
  if (totals?.runs === 0) return <Begin />;
  return (
    <div className="stack">
      <header className={css.top}>
        <h1>Runs</h1>
        <LiveBadge />
        <Views search={search} />
        <Command line={commandOf(search)} />
      </header>
      <Tiles totals={totals} search={search} midnightTs={midnightTs} />
      {search.view === "labels" ? (
        <Labels />
      ) : (
        <>
          {label !== undefined && <Trend label={label} />}
          <List search={search} onChange={change} marked={marked} onMark={setMarked} totals={totals} />
          <Marked marked={marked} onClear={() => setMarked(new Set())} />
        </>
      )}
    </div>
  );
}

function List({
  search,
  onChange,
  marked,
  onMark,
  totals,
}: {
  search: RunsSearch;
  onChange: (next: RunsSearch) => void;
  marked: ReadonlySet<string>;
  onMark: (marked: ReadonlySet<string>) => void;
  totals: Parameters<typeof Filters>[0]["totals"];
}) {
  const navigate = useNavigate();
  const { q, where, sort, cols } = search;
  const question = useMemo(() => questionOf({ q, where, sort }), [q, where, sort]);
  const shown = useMemo(() => shownIds(COLUMNS, cols), [cols]);
  const toggle = (run: WorkflowItem) => {
    const next = new Set(marked);
    if (!next.delete(FRESH.keyOf(run))) next.add(FRESH.keyOf(run));
    onMark(next);
  };
  return (
    <>
      <Filters search={search} totals={totals} shown={shown} onChange={onChange} />
      <Table<WorkflowItem>
        name="Runs"
        question={question}
        sort={sort ?? USUAL_SORT}
        onSort={(next) => onChange({ sort: next === USUAL_SORT ? undefined : next })}
        columns={COLUMNS}
        shown={shown}
        fresh={FRESH}
        shortest="wf_uuid"
        rowPx={{ wide: 54, phone: 92 }}
        onOpen={(run) => void navigate({ to: "/workflows/$uuid", params: { uuid: FRESH.keyOf(run) } })}
        detail={DETAIL}
        marked={marked}
        onMark={toggle}
        empty={<NoneMatches onClear={() => onChange({ q: undefined, where: undefined })} />}
      />
    </>
  );
}
