import { Link } from "@tanstack/react-router";
import { useId } from "react";
import css from "@/pages/charts/Charts.module.css";
import { type ChartsSearch, isoOf } from "@/pages/charts/search";
import { epoch } from "@/words/format";

/** The part of time that charts show, to be set by keyboard too; the same part opens in the Gantt. */
export function TimeBar({
  uuid,
  search,
  change,
}: {
  uuid: string;
  search: ChartsSearch;
  change: (change: Partial<ChartsSearch>) => void;
}) {
  const id = useId();
  const set = (name: "since" | "until") => (event: React.ChangeEvent<HTMLInputElement>) => {
    const ts = Date.parse(event.target.value) / 1000;
    change({ [name]: Number.isFinite(ts) ? isoOf(ts) : undefined });
  };
  const window = { ...(search.since && { since: search.since }), ...(search.until && { until: search.until }) };
  return (
    <div className="row">
      <label htmlFor={`${id}-since`} className="muted">
        From
      </label>
      <input
        id={`${id}-since`}
        className={`field ${css.field}`}
        type="datetime-local"
        step={1}
        value={localOf(search.since)}
        onChange={set("since")}
      />
      <label htmlFor={`${id}-until`} className="muted">
        to
      </label>
      <input
        id={`${id}-until`}
        className={`field ${css.field}`}
        type="datetime-local"
        step={1}
        value={localOf(search.until)}
        onChange={set("until")}
      />
      <button
        type="button"
        className="button"
        disabled={!search.since && !search.until}
        onClick={() => change({ since: undefined, until: undefined })}
      >
        All of the run
      </button>
      <Link to="/workflows/$uuid/gantt" params={{ uuid }} search={window}>
        This time in the Gantt
      </Link>
    </div>
  );
}

/** What a field for a local time shows for a time; empty for none. */
function localOf(time: string | undefined): string {
  const ts = epoch(time);
  if (ts === undefined) return "";
  const date = new Date(ts * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
