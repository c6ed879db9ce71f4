import { describe, expect, it } from "vitest";
import { FAILED, RUNNING, WAITING } from "@/draw/gantt/picture";
import { pathOf, sentenceOf, summaryOf, tellBar } from "@/pages/gantt/describe";
import { barsOf, lanesOf, runs } from "../../draw/gantt/made";

describe("a try in words", () => {
  it("has the phases that took time, and no others", () => {
    const told = tellBar(barsOf([{ at: [0, 10, 40, 100, 105], state: FAILED, attempt: 2, job: "x" }]), 0, 2000);
    expect(told).toMatchObject({ job: "x", attempt: 2, state: "failed", startTs: 1040 });
    expect(told.phases.map(({ word, seconds }) => [word, seconds])).toEqual([
      ["pre script", 10],
      ["waiting", 30],
      ["on a machine", 60],
      ["post script", 5],
    ]);
    expect(sentenceOf(told)).toBe(
      "x, try 2, failed; pre script 10 s, waiting 30 s, on a machine 1 min 00 s, post script 5 s; kind on host",
    );
  });

  it("counts what lasts up to now", () => {
    const bars = barsOf([runs(0, 100, 500, RUNNING), { at: [900, 900, 950, 950, 950], state: WAITING }]);
    expect(tellBar(bars, 0, 1000 + 700).phases).toEqual([{ word: "on a machine", seconds: 600, lasts: true }]);
    expect(tellBar(bars, 1, 1000 + 990).phases).toEqual([{ word: "waiting", seconds: 90, lasts: true }]);
  });

  it("tells a hold apart from the wait before it, and says held while it lasts", () => {
    const over = barsOf([{ at: [0, 0, 100, 120, 120] }], ["a"], [[0, 20, 60]]);
    expect(tellBar(over, 0, 2000).phases.map(({ word, seconds }) => [word, seconds])).toEqual([
      ["waiting", 60],
      ["held", 40],
      ["on a machine", 20],
    ]);
    const open = barsOf([{ at: [0, 0, 100, 120, 300], state: RUNNING }], ["a"], [[0, 120, 300]]);
    const told = tellBar(open, 0, 1000 + 400);
    expect(told.state).toBe("held");
    expect(told.phases).toContainEqual({ word: "held", seconds: 280, lasts: true });
  });

  it("shows what would deceive the eye, and leads to the job in its own workflow", () => {
    const bars = {
      ...barsOf([{ at: [0, 0, 0, 1, 1], job: "inner/a\u202eb" }]),
      workflows: [{ wf_uuid: "below", prefix: "inner/" }],
    };
    expect(tellBar(bars, 0, 2000)).toMatchObject({ job: "inner/a\\u202eb", uuid: "below", name: "a\u202eb" });
  });
});

describe("a picture in words", () => {
  it("counts what is in it", () => {
    expect(summaryOf(barsOf([runs(0, 0, 1, FAILED), runs(1, 0, 1), runs(2, 0, 1, RUNNING)]))).toBe(
      "3 tries in 3 lanes, 1 failed, 1 running.",
    );
    expect(summaryOf(lanesOf(["a", "b"], []))).toMatch(/^14 tries in 2 lanes, 0 failed/);
  });

  it("adds up where the time of the critical path went", () => {
    const bars = barsOf([{ at: [0, 10, 40, 100, 105] }, { at: [200, 200, 210, 300, 300] }], ["a", "b"]);
    expect(pathOf(bars)).toEqual({ jobs: 2, total: 300, ran: 150, waited: 40, scripts: 15 });
  });
});
