import { Link } from "@tanstack/react-router";
import { type GraphSearch, HOPS, type View } from "@/pages/graph/search";
import { clean, count } from "@/words/format";
import css from "./graph.module.css";

interface Offer {
  view: View;
  word: string;
  title: string;
}

const OFFERS: Offer[] = [
  { view: "transformation", word: "Transformations", title: "Jobs that run the same thing are one box" },
  { view: "level", word: "Levels", title: "Jobs that run the same thing at the same depth are one box" },
  { view: "workflows", word: "Sub-workflows", title: "Each workflow of this run is one box" },
  { view: "failures", word: "Failures", title: "What failed, what it waited for, and what can never run" },
  { view: "jobs", word: "All jobs", title: "Each job is a node" },
];

/** What is shown of the graph. */
export function Toolbar({
  view,
  search,
  failed,
  workflows,
}: {
  view: View;
  search: GraphSearch;
  failed: number;
  workflows: number;
}) {
  return (
    <nav className={css.views} aria-label="What is shown">
      {OFFERS.filter((one) => one.view !== "workflows" || workflows > 1).map((one) => (
        <Link
          key={one.view}
          from="/workflows/$uuid/graph"
          to="."
          search={one.view === "transformation" ? {} : { view: one.view }}
          className="button"
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={one.view === view ? "page" : undefined}
          title={one.title}
        >
          {one.word}
          {one.view === "failures" && failed > 0 && <span className={css.badge}>{count(failed)}</span>}
        </Link>
      ))}
      {view === "near" && search.of !== undefined && <Near of={search.of} search={search} />}
    </nav>
  );
}

function Near({ of, search }: { of: string; search: GraphSearch }) {
  const hops = search.hops ?? HOPS;
  const change = (by: number) => ({ ...search, hops: hops + by });
  return (
    <span className={css.near}>
      <span>
        Up to <strong className="number">{hops}</strong> {hops === 1 ? "edge" : "edges"} around{" "}
        <span className="mono">{clean(of)}</span>
      </span>
      <Link
        from="/workflows/$uuid/graph"
        to="."
        search={change(-1)}
        disabled={hops <= 1}
        className="button"
        aria-label="Nearer"
      >
        −
      </Link>
      <Link from="/workflows/$uuid/graph" to="." search={change(1)} className="button" aria-label="Farther">
        +
      </Link>
    </span>
  );
}
