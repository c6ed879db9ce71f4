import { describe, expect, it } from "vitest";
import type { TryItem } from "@/api/schema";
import { commandOf, isQuick, QUICK, questionOf, readSearch } from "@/pages/jobs/search";
import { byJob, keyOf, triesOf, wordOf, wordsOf } from "@/pages/jobs/tries";

const LIST = questionOf("u/1", { below: true });
const one = (more: Partial<TryItem>): TryItem => ({ wf_uuid: "w", job: "a", attempt: 1, outcome: null, ...more });

describe("the address of the list of jobs", () => {
  it("reads back to what was asked", () =>
    expect(readSearch({ where: "word=failed", below: "true", sort: 3 })).toEqual({
      where: "word=failed",
      below: true,
      sort: "3",
    }));
  it("cannot be led out of its path by an uuid", () => expect(LIST.path).toBe("/api/v1/workflows/u%2F1/jobs"));
});

describe("quick filters", () => {
  it("are known by what they ask", () => {
    for (const quick of QUICK) {
      const found = QUICK.filter((other) => isQuick({ where: quick.where, sort: quick.sort }, other));
      expect(found).toEqual([quick]);
    }
  });
});

describe("the command", () => {
  it("asks the same as the address, as far as it can", () => {
    expect(commandOf("u", { where: "word=held" })).toBe("stampede jobs u --held");
    expect(commandOf("u", { where: "word=failed&name~=a*", sort: "-duration_s", below: true })).toBe(
      "stampede jobs u --state failed --name 'a*' --sort duration --desc --all",
    );
  });
});

describe("tries", () => {
  it("are asked of jobs that have any, each name once", () => {
    const jobs = [
      { wf_uuid: "w", name: "a", attempts: 1 },
      { wf_uuid: "v", name: "a", attempts: 2 },
      { wf_uuid: "w", name: "b", attempts: 0 },
    ];
    expect(triesOf(LIST, jobs)).toMatchObject({
      path: "/api/v1/workflows/u%2F1/job_instances",
      where: ["job=a"],
      below: true,
    });
  });
  it("of jobs with one name in two workflows stay apart, in order", () => {
    const found = byJob([one({ attempt: 2 }), one({ wf_uuid: "v" }), one({ attempt: 1 })]);
    expect(found.get(keyOf({ wf_uuid: "w", name: "a" }))?.map((t) => t.attempt)).toEqual([1, 2]);
    expect(found.get(keyOf({ wf_uuid: "v", name: "a" }))).toHaveLength(1);
  });
  it("have the word of how they ended, else of where they stand", () => {
    expect(wordOf(one({ outcome: "failed" }))).toBe("failed");
    expect(wordOf(one({ state: "JOB_HELD" }))).toBe("held");
    expect(wordOf(one({ state: "EXECUTE" }))).toBe("running");
    expect(wordOf(one({ state: "SUBMIT" }))).toBe("idle");
  });
  it("say where they ran, and what came between", () =>
    expect(
      wordsOf(
        one({
          outcome: "failed",
          exit: { kind: "exited", code: 3 } as never,
          hostname: "n1",
          site: "s",
          evictions: 2,
          holds: 1,
        }),
      ),
    ).toBe("try 1: failed, exit 3, on n1 (s), 2 evictions, 1 hold"));
});
