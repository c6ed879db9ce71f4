import {
  type ColumnDef,
  columnVisibilityFeature,
  createColumnHelper,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
} from "@tanstack/react-table";
import type { ReactNode } from "react";

/** A column of a list: what it shows of an item, and how it lies. */
export interface Column<T> {
  id: string;
  word: string;
  /** Track of the grid: `minmax(160px, 2fr)`. */
  width: string;
  cell: (item: T) => ReactNode;
  /** The column of the service that it is sorted by, where it can be. */
  sort?: string;
  /** What is wanted first when one sorts by it: the largest (numbers, times), else the smallest. */
  largestFirst?: boolean;
  number?: boolean;
  /** Shown unless others are chosen. */
  usual?: boolean;
  /** Where it stands on a card of a phone; `none` by default. */
  phone?: "title" | "corner" | "line" | "none";
}

/** What the grid knows of a column beside its cell. */
export interface Meta {
  word: string;
  width: string;
  number: boolean;
  phone: string;
}

/** A row as the grid has it: the item, and its place in the list. */
export interface Shown<T> {
  at: number;
  item: T;
}

export const features = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  columnMeta: {} as Meta,
});
export type Features = typeof features;

/** Columns as TanStack Table takes them. Order and choice are those of the page. */
export function columnDefs<T>(columns: readonly Column<T>[]): ColumnDef<Features, Shown<T>>[] {
  const helper = createColumnHelper<Features, Shown<T>>();
  return columns.map((column) =>
    helper.accessor((row) => row.item, {
      id: column.id,
      header: column.word,
      cell: ({ row }) => column.cell(row.original.item),
      enableSorting: column.sort !== undefined,
      sortDescFirst: column.largestFirst ?? false,
      meta: {
        word: column.word,
        width: column.width,
        number: column.number ?? false,
        phone: column.phone ?? "none",
      },
    }),
  ) as ColumnDef<Features, Shown<T>>[];
}

/** Ids of the columns that are shown: those of the URL (`name,state`), else the usual ones. At least one. */
export function shownIds<T>(columns: readonly Column<T>[], cols: string | undefined): string[] {
  const wanted = cols?.split(",") ?? [];
  const found = columns.filter((c) => (cols ? wanted.includes(c.id) : c.usual)).map((c) => c.id);
  return found.length ? found : columns.filter((c) => c.usual).map((c) => c.id);
}

/** What the URL says of the columns that are shown; nothing when they are the usual ones. */
export function colsOf<T>(columns: readonly Column<T>[], ids: readonly string[]): string | undefined {
  const usual = columns.filter((c) => c.usual).map((c) => c.id);
  const found = columns.filter((c) => ids.includes(c.id)).map((c) => c.id);
  return found.join() === usual.join() || found.length === 0 ? undefined : found.join();
}

/** `-started_ts` as the grid has it. */
export function sortingOf<T>(columns: readonly Column<T>[], sort: string): SortingState {
  const desc = sort.startsWith("-");
  const column = columns.find((c) => c.sort === sort.replace(/^-/, ""));
  return column ? [{ id: column.id, desc }] : [];
}

/** The grid's sorting as the service takes it. */
export function sortOf<T>(columns: readonly Column<T>[], sorting: SortingState): string | undefined {
  const [first] = sorting;
  const by = columns.find((c) => c.id === first?.id)?.sort;
  return by && `${first.desc ? "-" : ""}${by}`;
}

/** The list the other way round. */
export function turned(sort: string): string {
  return sort.startsWith("-") ? sort.slice(1) : `-${sort}`;
}

/** The least width of tracks together, in px: what a list is scrolled sideways below. */
export function leastPx(tracks: readonly string[]): number {
  return tracks.reduce((sum, track) => sum + Number(/(\d+)px/.exec(track)?.[1] ?? 0), 0);
}
