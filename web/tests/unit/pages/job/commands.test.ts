import { describe, expect, it } from "vitest";
import type { Cause } from "@/api/schema";
import { causeOf, nextLines, quoted, showLine } from "@/pages/job/commands";
import { jobOf, phase, tryOf } from "./samples";

const cause = (some: Partial<Cause>) => ({ nodes: [], resolved: false, command: "", ...some }) as Cause;

describe("quoted", () => {
  it("leaves plain words alone and disarms others", () => {
    expect(quoted("/a/b-1.dag")).toBe("/a/b-1.dag");
    expect(quoted("it's; rm -rf *")).toBe("'it'\\''s; rm -rf *'");
  });
});

describe("commands", () => {
  it("show the job on the command line", () =>
    expect(showLine(jobOf(), "/run 1", 2)).toBe("stampede show work '/run 1' --try 2"));
  it("act on a held job by its id, and take over what triage says", () => {
    const held = jobOf({ tries: [tryOf({ phases: [phase("held", 1, null)] })] });
    expect(nextLines(held, "/run", cause({ command: "condor_release 83.0" }))).toEqual([
      "stampede trace work /run",
      "condor_q -hold 83.0",
      "condor_release 83.0",
    ]);
  });
});

describe("causeOf", () => {
  const causes = [
    cause({ title: "old", nodes: ["inner/work"], resolved: true }),
    cause({ title: "now", nodes: ["work"] }),
    cause({ title: "other", nodes: ["else"] }),
  ];
  it("is the one that stands, before one that is over", () => expect(causeOf(causes, jobOf())?.title).toBe("now"));
  it("is none for jobs that nothing is wrong with", () =>
    expect(causeOf(causes, jobOf({ job: "fine", path: "fine" }))).toBeUndefined());
});
