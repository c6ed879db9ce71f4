import { turned } from "@/ui/table/columns";
import css from "@/ui/table/table.module.css";
import { count as written } from "@/words/format";

/** Where one is in the list, and the way to its other end. */
export function Foot(props: {
  first: number;
  last: number;
  /** Rows that can be scrolled to. */
  count: number;
  total: number | undefined;
  waiting: boolean;
  error: Error | null;
  sort: string;
  onSort: (sort: string) => void;
}) {
  const { first, last, count, total, waiting, error, sort, onSort } = props;
  const of = total === undefined ? "" : ` of ${written(total)}`;
  const more = total !== undefined && total > count;
  return (
    <footer className={css.foot}>
      <span className="number">
        {written(first + 1)}–{written(Math.min(count, last + 1))}
        {of}
      </span>
      {error ? <span className={css.wrong}>{error.message}</span> : waiting && <span>reading on …</span>}
      {more && last >= count - 2 && <span>The list goes on: turn it round to see its other end.</span>}
      <button
        type="button"
        className={css.turn}
        onClick={() => onSort(turned(sort))}
        title="Turn the list round: its last rows come first"
      >
        last rows <span aria-hidden="true">⇅</span>
      </button>
    </footer>
  );
}
