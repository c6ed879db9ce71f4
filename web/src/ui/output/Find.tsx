import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { Hit, Hits } from "@/api/schema";
import { clean, count, percent } from "@/words/format";
import css from "./Output.module.css";

/** What was found, in words: `3 of 200+`. */
export function Found({
  answer,
  hits,
  at,
}: {
  answer: UseInfiniteQueryResult<InfiniteData<Hits>>;
  hits: Hit[];
  at: number;
}) {
  const last = answer.data?.pages.at(-1);
  const more = last?.next != null;
  const looked = last && more && last.size > 0 ? ` in the first ${percent((last.next ?? 0) / last.size)}` : "";
  let words = "";
  if (answer.isFetching) words = "looking …";
  else if (answer.error) words = answer.error.message;
  else if (last) {
    const some = `${count(hits.length)}${more ? "+" : ""}`;
    words = hits.length === 0 ? `nothing${looked}` : `${at >= 0 ? `${count(at + 1)} of ` : ""}${some}${looked}`;
  }
  return (
    <span className={css.found} role="status">
      {words}
    </span>
  );
}

/** The places with the lines they stand in; one can be gone to. */
export function Places({ hits, at, onGo }: { hits: Hit[]; at: number; onGo: (index: number) => void }) {
  return (
    <ol className={css.places} aria-label="Places">
      {hits.map((hit, index) => (
        <li key={hit.offset}>
          <button type="button" aria-current={index === at || undefined} onClick={() => onGo(index)}>
            <span className={css.at}>{count(hit.line_offset)}</span>
            <code>{clean(hit.text).trim()}</code>
          </button>
        </li>
      ))}
    </ol>
  );
}
