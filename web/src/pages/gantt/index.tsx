import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Axis } from "@/pages/gantt/Axis";
import { Chart } from "@/pages/gantt/Chart";
import { Controls } from "@/pages/gantt/Controls";
import css from "@/pages/gantt/Gantt.module.css";
import { Hosts } from "@/pages/gantt/Hosts";
import { Legend } from "@/pages/gantt/Legend";
import { Levels } from "@/pages/gantt/Levels";
import { Listing } from "@/pages/gantt/Listing";
import { Notes } from "@/pages/gantt/Notes";
import { Strip } from "@/pages/gantt/Strip";
import { commandOf, type GanttSearch, isoOf, showsPhases, timeOf } from "@/pages/gantt/search";
import { GanttStore } from "@/pages/gantt/store";
import { useData } from "@/pages/gantt/useData";
import { useSettled } from "@/pages/gantt/useSettled";
import { Card } from "@/ui/Card";
import { Command } from "@/ui/Copy";
import { useKeys } from "@/ui/keys";
import { Empty, Failed, Loading } from "@/ui/Said";

/** Movements end after so many ms: then what is seen is asked for; a moment later the address says it. */
const ASK_MS = 120;
const WRITE_MS = 400;

/** What ran when. */
export default function GanttPage() {
  const { uuid } = useParams({ from: "/workflows/$uuid/gantt" });
  return <Gantt key={uuid} uuid={uuid} />;
}

function Gantt({ uuid }: { uuid: string }) {
  const search = useSearch({ from: "/workflows/$uuid/gantt" });
  const navigate = useNavigate({ from: "/workflows/$uuid/gantt" });
  const [store] = useState(() => new GanttStore({ since: timeOf(search.since), until: timeOf(search.until) }));
  const settled = useSettled(store, ASK_MS);
  const [hostsOpen, setHostsOpen] = useState(true);
  const data = useData(uuid, search, store, settled, hostsOpen);
  const { gantt, overview, levels, hosts, gaps, runs, nowTs } = data;
  const phases = showsPhases(search);

  const change = (change: Partial<GanttSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false });
  useAddress(store, search, runs, change);
  useKeys({
    "+": { does: "nearer", run: () => store.zoom(0.5) },
    "-": { does: "farther", run: () => store.zoom(2) },
    "0": { does: "the whole run", run: () => store.lookAtAll() },
    f: { does: "squeeze idle time", run: () => gaps.length && change({ fold: search.fold ? undefined : 1 }) },
    w: { does: "show what waits", run: () => change({ phases: phases ? 0 : 1 }) },
  });

  const error = gantt.error ?? overview.error;
  if (error) return <Failed error={error} again={() => void Promise.all([gantt.refetch(), overview.refetch()])} />;
  if (gantt.data && overview.data && overview.data.endTs - overview.data.startTs <= 1 && gantt.data.count === 0) {
    return (
      <Empty title="Nothing has run yet">
        As soon as the first job is submitted it shows up here, without a reload.
      </Empty>
    );
  }
  const open = (told: { uuid: string; name: string }) =>
    void navigate({ to: "/workflows/$uuid/jobs/$name", params: { uuid: told.uuid, name: told.name } });
  const seen = store.seen();
  return (
    <div className="stack">
      <Card title="What ran when" aside={<Command line={commandOf(uuid, search)} />}>
        <div className={css.body}>
          <Controls store={store} search={search} change={change} gaps={gaps} />
          {data.strip ? <Strip store={store} levels={data.strip} /> : <div className={css.strip} />}
          <Axis store={store} />
          {gantt.data ? (
            <>
              <Chart
                store={store}
                gantt={gantt.data}
                phases={phases}
                nowTs={nowTs}
                runs={runs}
                old={gantt.isPlaceholderData}
                onOpen={open}
              />
              <Legend level={gantt.data.level} phases={phases} />
              <Notes
                gantt={gantt.data}
                attempt={search.attempt}
                whole={!search.since && !search.until && !search.attempt}
              />
            </>
          ) : (
            <Loading what="the picture" lines={9} />
          )}
          {levels && (
            <>
              <h3>At once</h3>
              <Levels store={store} levels={levels} nowTs={nowTs} runs={runs} />
            </>
          )}
          <p className={css.keys} id="gantt-keys">
            Wheel or pinch zooms, dragging pans, dragging with Shift marks what to zoom to. Keys: + − 0; in the drawing
            ← → ↑ ↓, <kbd>j</kbd> <kbd>k</kbd> from try to try, <kbd>J</kbd> <kbd>K</kbd> from lane to lane, Enter
            opens.
          </p>
          {gantt.data && seen && <Listing gantt={gantt.data} seen={seen} nowTs={nowTs} />}
        </div>
      </Card>
      <Card
        title="Machines over time"
        aside={
          <button
            type="button"
            className="button"
            aria-expanded={hostsOpen}
            onClick={() => setHostsOpen((was) => !was)}
          >
            {hostsOpen ? "Hide" : "Show"}
          </button>
        }
      >
        {hostsOpen &&
          (hosts.data?.level === "lanes" ? <Hosts store={store} lanes={hosts.data} /> : <Loading what="machines" />)}
      </Card>
    </div>
  );
}

/** Writes what is seen into the address when one has come to rest. */
function useAddress(
  store: GanttStore,
  search: GanttSearch,
  runs: boolean,
  change: (change: Partial<GanttSearch>) => void,
): void {
  const rested = useSettled(store, WRITE_MS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a rest writes
  useEffect(() => {
    const seen = store.seen();
    if (!seen || rested === 0) return;
    const all = store.isWhole();
    const since = all ? undefined : isoOf(seen.start);
    const until = all || (runs && store.isAtEnd()) ? undefined : isoOf(seen.end);
    if (since !== search.since || until !== search.until) change({ since, until });
  }, [rested]);
}
