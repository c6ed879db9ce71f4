import { Link } from "@tanstack/react-router";
import css from "@/pages/runs/runs.module.css";
import type { RunsSearch } from "@/pages/runs/search";

/** Runs one by one, or by label. */
export function Views({ search }: { search: RunsSearch }) {
  return (
    <nav className={css.views} aria-label="Views">
      {([undefined, "labels"] as const).map((view) => (
        <Link
          key={view ?? "runs"}
          to="/"
          search={{ ...search, view }}
          className="button"
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {view ? "By label" : "One by one"}
        </Link>
      ))}
    </nav>
  );
}
