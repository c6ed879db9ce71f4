import { Link } from "@tanstack/react-router";
import css from "@/pages/runs/runs.module.css";
import { plural } from "@/words/format";

/** What can be done with the runs that were marked. */
export function Marked({ marked, onClear }: { marked: ReadonlySet<string>; onClear: () => void }) {
  const [one, other] = [...marked];
  if (one === undefined) return null;
  return (
    <aside className={css.marked} aria-label="Marked runs">
      <span role="status">{plural(marked.size, "run")} marked</span>
      {marked.size === 2 && (
        <Link className="button" to="/workflows/$uuid/compare" params={{ uuid: other }} search={{ against: one }}>
          Compare them
        </Link>
      )}
      {marked.size === 1 && <span className="muted">Mark another one (x) to compare them.</span>}
      <button type="button" className="button" onClick={onClear}>
        Unmark
      </button>
    </aside>
  );
}
