import { expect, test } from "vitest";
import type { Change, Comparison } from "@/api/schema";
import { readSearch } from "@/pages/compare/search";
import { effect, inUnit, isChanged, isWorse, makespanWords, subject } from "@/pages/compare/words";

const CHANGE: Change = {
  kind: "sort",
  measure: "runtime",
  old: 10,
  new: 20,
  old_n: 9,
  new_n: 9,
  ratio: 2,
  ratio_low: 1.8,
  ratio_high: 2.2,
  p: 0.001,
  floor: 1.15,
  makespan_s: 90,
  first_s: 30,
};
const FOUND: Comparison = {
  old_uuids: ["a"],
  new_uuid: "b",
  old_makespan_s: 100,
  new_makespan_s: 160,
  old_state: "success",
  new_state: "success",
  old_runs: 1,
  tested: 9,
  changes: [],
  plan: [],
  first: null,
};

test("a change is told with its unit and what it does to the run", () => {
  expect(subject(CHANGE)).toBe("run time of sort");
  expect(inUnit(CHANGE, 10)).toBe("10 s");
  expect(effect(CHANGE)).toBe("about 1 min 30 s longer by it");
  expect(inUnit({ ...CHANGE, measure: "memory_mb" }, 1000)).toBe("1.0 GB");
});

test("more run time is worse, more of the processor is better, another host is neither", () => {
  expect(isWorse(CHANGE)).toBe(true);
  expect(isWorse({ ...CHANGE, measure: "cpu_share" })).toBe(false);
  expect(isWorse({ ...CHANGE, measure: "machine" })).toBeUndefined();
});

test("how long both took is one sentence", () => {
  expect(makespanWords(FOUND)).toBe("1 min 00 s longer than the other run (1.60×).");
  expect(makespanWords({ ...FOUND, new_makespan_s: 100 })).toBe("As long as the other run: 1 min 40 s.");
});

test("another end is a change too", () => {
  expect(isChanged(FOUND)).toBe(false);
  expect(isChanged({ ...FOUND, new_state: "failed" })).toBe(true);
});

test("names of jobs that turn text round are shown, not obeyed", () => {
  expect(subject({ ...CHANGE, kind: "a\u202eb" })).toBe("run time of a\\u202eb");
});

test("only a run that is named is read from the address", () => {
  expect([readSearch({ against: " abc " }), readSearch({ against: 3 }), readSearch({})]).toEqual([
    { against: "abc" },
    {},
    {},
  ]);
});
