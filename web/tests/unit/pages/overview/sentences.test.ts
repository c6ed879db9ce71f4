import { describe, expect, it } from "vitest";
import type { Progress, WorkflowStatus } from "@/api/schema";
import { asOf, counts, ending, headline, isUnheard, nodesOf, rate } from "@/pages/overview/sentences";

const NODES = { total: 14, done: 6, failed: 1, futile: 7, ready: 0, unready: 0, pre: 0, queued: 0, post: 0 };

function run(known: Partial<WorkflowStatus>): WorkflowStatus {
  return { state: "running", nodes: NODES, duration_s: 381, halted: false, last_ts: 1000, ...known } as WorkflowStatus;
}

function progress(known: Partial<Progress>): Progress {
  return { as_of_ts: 0, confidence: 0.8, ...known } as Progress;
}

describe("headline", () => {
  it.each([
    [run({ state: "success" }), "Succeeded in 6 min 21 s."],
    [run({ state: "failed" }), "Failed after 6 min 21 s."],
    [run({ state: "running" }), "Running for 1 min 05 s, 1 of 14 failed."],
    [run({ state: "running", halted: true }), "Halted for 1 min 05 s: DAGMan submits nothing new."],
    [run({ state: "unstarted" }), "It has not started yet."],
    [run({ state: "dreaming" }), "dreaming, 6 min 21 s."],
  ])("says what happens (%#)", (status, words) => expect(headline(status, 65)).toBe(words));
});

describe("counts", () => {
  it("names only what there is", () => {
    expect(counts(NODES)).toBe("6 of 14 jobs done, 1 failed, 7 can never run");
    expect(counts({ ...NODES, failed: 0, futile: 0 })).toBe("6 of 14 jobs done");
  });
  it("sums over a forest", () => expect(nodesOf([run({}), run({})]).total).toBe(28));
});

describe("ending", () => {
  const noon = new Date(2026, 10, 30, 12, 0, 0).getTime() / 1000;
  it("names the interval and how sure it is", () =>
    expect(ending(progress({ eta_low_ts: noon + 1200, eta_ts: noon + 1800, eta_high_ts: noon + 3000 }), noon)).toBe(
      "Ends between 12:20 and 12:50, most likely 12:30 (80 % sure).",
    ));
  it("tells seconds when the end is near", () =>
    expect(ending(progress({ eta_low_ts: noon + 10, eta_ts: noon + 20, eta_high_ts: noon + 30 }), noon)).toBe(
      "Ends between 12:00:10 and 12:00:30, most likely 12:00:20 (80 % sure).",
    ));
  it("says why no end can be told", () => {
    expect(ending(progress({ no_eta: "it is halted" }), noon)).toBe("No end can be told: it is halted.");
    expect(ending(progress({}), noon)).toBe("No end can be told yet.");
  });
  it("dates what nobody follows", () => {
    expect(asOf(progress({ as_of_ts: noon }), noon + 60)).toBe("");
    expect(asOf(progress({ as_of_ts: noon }), noon + 8 * 86_400)).toContain("As of 30 Nov 12:00");
    expect(isUnheard(run({}), 1000 + 86_401)).toBe(true);
    expect(isUnheard(run({ state: "failed" }), 1e9)).toBe(false);
  });
});

describe("rate", () => {
  it.each([
    [null, "–"],
    [0, "0 a minute"],
    [140.4, "140 a minute"],
    [2.53, "2.5 a minute"],
    [0.05, "3 an hour"],
    [0.001, "1.4 a day"],
  ])("says %s as %s", (perMin, words) => expect(rate(perMin)).toBe(words));
});
