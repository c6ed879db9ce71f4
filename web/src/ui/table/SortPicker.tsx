import type { Column } from "@/ui/table/columns";
import css from "@/ui/table/filter.module.css";

/** By what a list is sorted, where there are no heads to click on: on a phone. */
export function SortPicker<T>({
  columns,
  sort,
  onSort,
}: {
  columns: readonly Column<T>[];
  sort: string;
  onSort: (sort: string) => void;
}) {
  return (
    <select
      className={`field ${css.phone}`}
      aria-label="Sorted by"
      value={sort}
      onChange={(event) => onSort(event.target.value)}
    >
      {columns
        .filter((one) => one.sort)
        .flatMap(({ sort: by, word }) => [
          <option key={`-${by}`} value={`-${by}`}>
            {word} ↓
          </option>,
          <option key={by} value={by}>
            {word} ↑
          </option>,
        ])}
    </select>
  );
}
