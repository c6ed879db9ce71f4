import { useTable } from "@tanstack/react-table";
import { useMemo } from "react";
import { type Column, columnDefs, features, type Shown, sortingOf, sortOf } from "@/ui/table/columns";

/** The grid of TanStack Table over the rows in view; order and choice of columns are those of the page's address. */
export function useColumns<T>(
  columns: readonly Column<T>[],
  shown: readonly string[],
  rows: Shown<T>[],
  sort: string,
  onSort: (sort: string) => void,
) {
  const table = useTable({
    features,
    columns: useMemo(() => columnDefs(columns), [columns]),
    data: rows,
    getRowId: (row) => String(row.at),
    manualSorting: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: {
      sorting: useMemo(() => sortingOf(columns, sort), [columns, sort]),
      columnVisibility: useMemo(
        () => Object.fromEntries(columns.map((c) => [c.id, shown.includes(c.id)])),
        [columns, shown],
      ),
    },
    onSortingChange: (change) => {
      const next = typeof change === "function" ? change(sortingOf(columns, sort)) : change;
      const wanted = sortOf(columns, next);
      if (wanted) onSort(wanted);
    },
  });
  return {
    groups: table.getHeaderGroups(),
    byPlace: new Map(table.getRowModel().rows.map((row) => [row.original.at, row])),
    tracks: table.getVisibleLeafColumns().map((column) => column.columnDef.meta?.width ?? "1fr"),
  };
}
