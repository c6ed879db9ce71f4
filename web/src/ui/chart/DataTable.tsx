import { useState } from "react";
import { type Column, nextSort, sorted } from "@/ui/chart/columns";
import css from "./DataTable.module.css";

/** A table that is sorted by a click on a head; `onSort` where the address keeps it. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  sort,
  onSort,
  most = 200,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  sort?: string | undefined;
  onSort?: (sort: string | undefined) => void;
  most?: number;
}) {
  const [own, setOwn] = useState<string | undefined>(sort);
  const by = onSort ? sort : own;
  const shown = sorted(rows, columns, by).slice(0, most);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard
    <section className={css.scroll} aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={by} onSort={onSort ?? setOwn} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
            <tr key={i}>
              {columns.map((column) => (
                <td key={column.key} className={column.number ? "number" : undefined}>
                  {column.show ? column.show(row) : (column.of(row) ?? "–")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p className={css.more}>
          The first {shown.length} of {rows.length}; the CSV file has all.
        </p>
      )}
    </section>
  );
}

function Head<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}) {
  const direction = sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : undefined;
  return (
    <th scope="col" aria-sort={direction} className={column.number ? "number" : undefined}>
      <button type="button" className={css.head} onClick={() => onSort(nextSort(column, sort))}>
        {column.head}
        <span aria-hidden="true">{direction ? (direction === "ascending" ? " ▲" : " ▼") : ""}</span>
      </button>
    </th>
  );
}
