/** Columns of a small table: what stands in them, how it is sorted, and the same as CSV. */

import type { ReactNode } from "react";

export type Value = string | number | null | undefined;

/** A column: `of` is the value that is sorted by and exported, `show` how it is read (else as it is). */
export interface Column<Row> {
  key: string;
  head: string;
  of: (row: Row) => Value;
  show?: (row: Row) => ReactNode;
  number?: boolean;
}

/** Rows by a column, `-key` for the largest first; without a value last. As they are for no or an unknown column. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string | undefined): Row[] {
  const down = sort?.startsWith("-") ?? false;
  const column = columns.find((one) => one.key === sort?.replace(/^-/, ""));
  if (!column) return [...rows];
  const sign = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    if (isNone(x) || isNone(y)) return Number(isNone(x)) - Number(isNone(y));
    return typeof x === "number" && typeof y === "number" ? sign * (x - y) : sign * String(x).localeCompare(String(y));
  });
}

function isNone(value: Value): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

/** The sort that a click on a column asks for: largest first for numbers, then the other way, then none. */
export function nextSort(column: { key: string; number?: boolean }, sort: string | undefined): string | undefined {
  const [first, second] = column.number ? [`-${column.key}`, column.key] : [column.key, `-${column.key}`];
  return sort === first ? second : sort === second ? undefined : first;
}

/** RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(column.of(row))).join(","));
  return `${[columns.map((column) => cell(column.head)).join(","), ...lines].join("\r\n")}\r\n`;
}

function cell(value: Value): string {
  if (isNone(value)) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
