import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Query } from "@/api/ask";
import { statusQuery } from "@/api/queries";
import { type Fold, foldOf, type Gap, moreGaps, STRAIGHT, toTime } from "@/draw/gantt/fold";
import { levelsOf } from "@/draw/gantt/picture";
import { asked } from "@/draw/gantt/view";
import { concurrencyQuery, ganttQuery } from "@/pages/gantt/queries";
import { type GanttSearch, isoOf } from "@/pages/gantt/search";
import type { GanttStore } from "@/pages/gantt/store";
import { useQuickly } from "@/pages/gantt/useQuickly";
import { useNow } from "@/ui/clock";
import { epoch } from "@/words/format";

/** Above, lanes are drawn instead of single tries. */
const MOST_BARS = 6000;
/** Of runs with more jobs, levels are asked for once, as fine as there are, and not anew for every look: each costs seconds. */
const HUGE = 200_000;
const FINE_PX = 4000;
/** A run whose last record is older than that does not go on by the clock. */
const STALE_S = 86_400;

/** Everything that is drawn, asked for in the detail that can be seen. */
export function useData(uuid: string, search: GanttSearch, store: GanttStore, settled: number, withHosts: boolean) {
  const run = useRun(uuid);
  const width = useMemo(() => Math.min(2400, 400 * Math.ceil(window.innerWidth / 400)), []);
  // the picture comes first; but what it depends on comes before it
  const [depends] = useState(() => search.fold === 1 || !!search.since || !!search.until);
  const [drawn, setDrawn] = useState(false);
  const overview = useQuery({
    ...concurrencyQuery(uuid, { width: run.isHuge ? FINE_PX : width }),
    enabled: run.isKnown && (depends || search.fold === 1 || drawn),
  });
  const gaps = useGaps(overview.data, run.runs);
  const fold = useFold(search.fold === 1 ? gaps : NONE, overview.data);
  const nowTs = useRunNow(run.runs, Math.max(run.lastTs, overview.data?.nowTs ?? 0));

  const query = useAsked(search, store, fold, settled, width);
  const enabled = search.fold !== 1 || !!overview.data;
  const by = search.by ?? "transformation";
  const gantt = useQuery({
    ...ganttQuery(uuid, { ...query, by, attempt: search.attempt, most: MOST_BARS }),
    enabled,
  });
  const closer = useQuery({ ...concurrencyQuery(uuid, query), enabled: enabled && !run.isHuge && !!overview.data });
  const levels = run.isHuge ? overview.data : closer.data;
  const hosts = useQuery({
    ...ganttQuery(uuid, { ...query, by: "host", most: 1 }),
    enabled: enabled && withHosts && !!levels,
  });

  useQuickly(gantt.data, () => gantt.refetch({ cancelRefetch: false }));
  const isDrawn = !!gantt.data;
  useEffect(() => setDrawn(isDrawn), [isDrawn]);
  useEffect(() => store.setFold(fold), [store, fold]);
  const isAll = query.since === undefined && query.until === undefined && !gantt.isPlaceholderData;
  const all = isAll ? gantt.data : undefined;
  useGrowth(store, wholeOf(overview.data, all), run.runs ? nowTs : 0);
  const rough = useMemo(() => (all?.level === "lanes" ? levelsOf(all) : undefined), [all]);
  return { overview, strip: overview.data ?? rough, gantt, levels, hosts, gaps, runs: run.runs, nowTs };
}

/** What is known of the run itself. */
function useRun(uuid: string) {
  const status = useQuery(statusQuery(uuid));
  const own = status.data?.workflows.find((one) => one.wf_uuid === uuid);
  return {
    isKnown: !!own,
    runs: own?.state === "running",
    isHuge: (own?.nodes.total ?? 0) > HUGE,
    lastTs: epoch(own?.last_ts) ?? 0,
  };
}

/** Tells the store how long the run is; up to now while it goes on. */
function useGrowth(store: GanttStore, whole: { start: number; end: number } | undefined, nowTs: number): void {
  const start = whole?.start;
  const end = whole && Math.max(whole.end, nowTs);
  useEffect(() => {
    if (start !== undefined && end !== undefined) store.setWhole({ start, end });
  }, [store, start, end]);
}

const NONE: readonly Gap[] = [];

/** Idle times of the run. While it goes on, the one at its end is none yet; and what is known does not change. */
function useGaps(overview: { gaps: Gap[]; endTs: number } | undefined, runs: boolean): readonly Gap[] {
  const known = useRef<readonly Gap[]>(NONE);
  return useMemo(() => {
    if (!overview) return known.current;
    const slack = 2;
    const found = runs ? overview.gaps.filter((gap) => gap.end < overview.endTs - slack) : overview.gaps;
    const more = moreGaps(known.current, found);
    if (more.length !== known.current.length) known.current = more;
    return known.current;
  }, [overview, runs]);
}

function useFold(gaps: readonly Gap[], overview: { startTs: number; endTs: number } | undefined): Fold {
  const start = overview?.startTs;
  const end = useRef<number | undefined>(undefined);
  end.current = overview?.endTs;
  return useMemo(
    () =>
      gaps.length === 0 || start === undefined || end.current === undefined
        ? STRAIGHT
        : foldOf(gaps, start, end.current),
    [gaps, start],
  );
}

/** Now, as the run goes on: by the clock, unless its last record is of another day. */
function useRunNow(runs: boolean, lastTs: number): number {
  const now = useNow();
  return runs && now - lastTs < STALE_S ? Math.max(lastTs, Math.floor(now)) : lastTs;
}

function wholeOf(...known: ({ startTs: number; endTs: number } | undefined)[]) {
  const there = known.filter((one) => one !== undefined);
  if (there.length === 0) return undefined;
  return { start: Math.min(...there.map((one) => one.startTs)), end: Math.max(...there.map((one) => one.endTs)) };
}

/** The part of time to ask for. It changes when one has come to rest, and only when one looks beyond what is there. */
function useAsked(search: GanttSearch, store: GanttStore, fold: Fold, settled: number, width: number): Query {
  const skip = fold.gaps.map((gap) => `${gap.start.toFixed(3)}-${gap.end.toFixed(3)}`).join(",");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new count of `settled` says that the store has changed
  return useMemo(() => {
    const common = { width, skip: skip || undefined };
    const { span, whole } = store;
    if (!span || !whole) return { ...common, since: search.since, until: search.until };
    const part = asked(span, whole);
    if (!part) return common;
    return {
      ...common,
      width: width * 2,
      since: part.from <= whole.from ? undefined : isoOf(toTime(fold, part.from)),
      until: part.to >= whole.to ? undefined : isoOf(toTime(fold, part.to)),
    };
  }, [settled, store, fold, skip, width]);
}
