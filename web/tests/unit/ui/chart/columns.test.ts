import { expect, test } from "vitest";
import { type Column, csvOf, nextSort, sorted } from "@/ui/chart/columns";

interface Row {
  name: string;
  n: number | null;
}
const COLUMNS: Column<Row>[] = [
  { key: "name", head: "name", of: (row) => row.name },
  { key: "n", head: "how many", number: true, of: (row) => row.n },
];
const ROWS: Row[] = [
  { name: "b", n: 2 },
  { name: "a", n: null },
  { name: "c", n: 10 },
];

test("rows without a value come last, whichever way", () => {
  expect(sorted(ROWS, COLUMNS, "n").map((row) => row.name)).toEqual(["b", "c", "a"]);
  expect(sorted(ROWS, COLUMNS, "-n").map((row) => row.name)).toEqual(["c", "b", "a"]);
  expect(sorted(ROWS, COLUMNS, "unknown")).toEqual(ROWS);
});

test("a head is clicked: largest first, the other way, as it was", () => {
  expect(nextSort(COLUMNS[1], undefined)).toBe("-n");
  expect(nextSort(COLUMNS[1], "-n")).toBe("n");
  expect(nextSort(COLUMNS[1], "n")).toBeUndefined();
});

test("CSV keeps quotes and commas, and a spreadsheet runs nothing of it", () => {
  expect(csvOf([{ name: '=1+1,"x"', n: -1 }], COLUMNS)).toBe('name,how many\r\n"\'=1+1,""x""",-1\r\n');
});
