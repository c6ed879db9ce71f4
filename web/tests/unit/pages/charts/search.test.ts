import { expect, test } from "vitest";
import { isTable, readSearch, timeOptions, withTable } from "@/pages/charts/search";

test("what makes no sense in an address is left out", () => {
  const raw = { since: "soon", until: "x", jobs: "all", tables: "jobs,nothing", stats: "sites", sort: "<b>" };
  expect(readSearch(raw)).toEqual({ tables: "jobs", stats: "sites" });
});

test("a part of time that ends before it begins is no part", () => {
  expect(readSearch({ since: "2026-11-21T22:00:00Z", until: "2026-11-21T21:00:00Z" })).toEqual({});
});

test("what was read is read the same again", () => {
  const found = readSearch({ since: "2026-11-21T21:00:00Z", jobs: "active", tables: "hosts,jobs", sort: "-wall_s" });
  expect(readSearch({ ...found })).toEqual(found);
  expect(found.tables).toBe("jobs,hosts");
});

test("a chart becomes a table and a picture again", () => {
  const table = withTable({ jobs: "active" }, "hosts", true);
  expect(isTable(table, "hosts")).toBe(true);
  expect(withTable(table, "hosts", false)).toEqual({ jobs: "active" });
});

test("the command line shows the same part of time", () => {
  expect(timeOptions({ since: "2026-11-21T21:00:00Z" })).toBe(" --since 2026-11-21T21:00:00Z");
});
