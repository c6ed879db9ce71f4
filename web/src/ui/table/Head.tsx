import { FlexRender, type Header, type HeaderGroup } from "@tanstack/react-table";
import type { Features, Shown } from "@/ui/table/columns";
import css from "@/ui/table/table.module.css";

/** The heads of the columns; a click sorts. */
export function Head<T>({ groups }: { groups: HeaderGroup<Features, Shown<T>>[] }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of a grid
    <div className={css.head} role="rowgroup">
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: part of a grid
        // biome-ignore lint/a11y/useFocusableInteractive: what can be pressed is inside
        <div key={group.id} className={css.cells} role="row" aria-rowindex={1}>
          {group.headers.map((header) => (
            <ColumnHead key={header.id} header={header} />
          ))}
        </div>
      ))}
    </div>
  );
}

const ARIA = { asc: "ascending", desc: "descending" } as const;

function ColumnHead<T>({ header }: { header: Header<Features, Shown<T>> }) {
  const { column } = header;
  const sorted = column.getIsSorted();
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of a grid
    // biome-ignore lint/a11y/useFocusableInteractive: what can be pressed is inside
    <div
      role="columnheader"
      className={css.cell}
      data-number={column.columnDef.meta?.number || undefined}
      aria-sort={sorted ? ARIA[sorted] : undefined}
    >
      {column.getCanSort() ? (
        <button
          type="button"
          className={css.sort}
          onClick={column.getToggleSortingHandler()}
          data-sorted={sorted || undefined}
        >
          <FlexRender header={header} />
          <span aria-hidden="true">{sorted === "asc" ? "↑" : sorted === "desc" ? "↓" : "↕"}</span>
        </button>
      ) : (
        <FlexRender header={header} />
      )}
    </div>
  );
}
