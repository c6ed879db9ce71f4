import { Link } from "@tanstack/react-router";
import type { GraphSearch, Way } from "@/pages/graph/search";

const WORDS: [Way, string][] = [
  ["up", "All it waits for"],
  ["down", "All that waits for it"],
  ["both", "Both"],
];

/** Light the way to what is chosen, and on from it. */
export function Paths({ search }: { search: GraphSearch }) {
  const { path, ...rest } = search;
  return (
    <nav className="row" aria-label="Light a path">
      {WORDS.map(([way, word]) => (
        <Link
          key={way}
          from="/workflows/$uuid/graph"
          to="."
          search={path === way ? rest : { ...rest, path: way }}
          replace
          className="button"
          aria-current={path === way ? "true" : undefined}
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}
