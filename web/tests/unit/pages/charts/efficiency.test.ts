import { expect, test } from "vitest";
import { shareOut } from "@/pages/charts/efficiencyData";

const WALLS = {
  workflows_s: 1,
  running: false,
  goodput: null,
  jobs_s: 80,
  bad_jobs_s: 10,
  seen_s: 100,
  bad_seen_s: 15,
};

test("good, bad and what surrounds programs add up to all time", () => {
  expect(shareOut(WALLS)).toEqual({ good: 70, bad: 15, over: 15, seen: 100 });
});

test("without measured programs nothing surrounds them, and clocks make nothing negative", () => {
  expect(shareOut({ ...WALLS, jobs_s: 0, bad_jobs_s: 0 })).toEqual({ good: 85, bad: 15, over: 0, seen: 100 });
  expect(shareOut({ ...WALLS, jobs_s: 500 }).over).toBe(0);
});
