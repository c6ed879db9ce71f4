import css from "@/pages/gantt/Controls.module.css";
import { BYS, type By, type GanttSearch, showsPhases } from "@/pages/gantt/search";
import type { GanttStore } from "@/pages/gantt/store";
import { coarse, plural } from "@/words/format";

const WORDS: Record<By, string> = {
  transformation: "transformation",
  host: "host",
  site: "site",
  path: "critical path",
};

/** What is drawn and how. */
export function Controls({
  store,
  search,
  change,
  gaps,
}: {
  store: GanttStore;
  search: GanttSearch;
  change: (change: Partial<GanttSearch>) => void;
  gaps: readonly { start: number; end: number }[];
}) {
  const idle = gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const phases = showsPhases(search);
  return (
    <div className={css.controls}>
      <label>
        Lanes by{" "}
        <select
          className="field"
          value={search.by ?? "transformation"}
          onChange={(event) => change({ by: event.target.value as By })}
        >
          {BYS.map((by) => (
            <option key={by} value={by}>
              {WORDS[by]}
            </option>
          ))}
        </select>
      </label>
      <Attempt attempt={search.attempt} change={(attempt) => change({ attempt })} />
      <button
        type="button"
        className="button"
        aria-pressed={phases}
        title="Draw scripts and the wait for a machine too"
        onClick={() => change({ phases: phases ? 0 : 1 })}
      >
        Show waiting
      </button>
      {gaps.length > 0 && (
        <button
          type="button"
          className="button"
          aria-pressed={search.fold === 1}
          title={`Nothing ran for ${coarse(idle)} in all, ${plural(gaps.length, "time")}: squeeze that`}
          onClick={() => change({ fold: search.fold ? undefined : 1 })}
        >
          Squeeze idle time
        </button>
      )}
      <div className={css.zoom}>
        <button type="button" className="button" aria-label="Farther" onClick={() => store.zoom(2)}>
          −
        </button>
        <button type="button" className="button" aria-label="Nearer" onClick={() => store.zoom(0.5)}>
          +
        </button>
        <button type="button" className="button" onClick={() => store.lookAtAll()}>
          Whole run
        </button>
      </div>
    </div>
  );
}

/** All tries, the last of each job, failed ones, or the nth. */
function Attempt({ attempt, change }: { attempt: string | undefined; change: (attempt: string | undefined) => void }) {
  const known = ["all", "last", "failed", "1", "2", "3"];
  const value = attempt ?? "all";
  const all = known.includes(value) ? known : [...known, value];
  const words: Record<string, string> = { all: "all tries", last: "last tries", failed: "failed tries" };
  return (
    <label>
      Show{" "}
      <select
        className="field"
        value={value}
        onChange={(event) => change(event.target.value === "all" ? undefined : event.target.value)}
      >
        {all.map((one) => (
          <option key={one} value={one}>
            {words[one] ?? `try ${one} of each job`}
          </option>
        ))}
      </select>
    </label>
  );
}
