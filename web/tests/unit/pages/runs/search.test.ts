import { describe, expect, it } from "vitest";
import { causeWords, endWords } from "@/pages/runs/Name";
import {
  choosing,
  chosenOf,
  commandOf,
  kindOf,
  kindWhere,
  midnight,
  questionOf,
  readSearch,
} from "@/pages/runs/search";

describe("readSearch", () => {
  it("takes what it knows, and leaves out the rest", () =>
    expect(readSearch({ q: "x", sort: ["a"], view: "labels", evil: 1, where: "" })).toEqual({
      q: "x",
      view: "labels",
    }));
  it("takes a text that looks like a number as text", () => expect(readSearch({ q: 2026 })).toEqual({ q: "2026" }));
});

describe("questionOf", () => {
  it("asks for runs only: workflows that are part of no other", () =>
    expect(questionOf({ where: "state=failed" }).where).toEqual(["parent_wf_uuid=null", "state=failed"]));
});

describe("a name that is chosen", () => {
  it("is found again in the filter, whatever it holds", () => {
    for (const name of ["ada", "a,b", 'say "hi" & go', "null"])
      expect(chosenOf(choosing("state=failed", "label", name), "label")).toBe(name);
  });
  it("is none when several are allowed, or another comparison is asked", () => {
    expect(chosenOf("label=a,b", "label")).toBeUndefined();
    expect(chosenOf("label~=a*", "label")).toBeUndefined();
  });
});

describe("tiles", () => {
  it("replace the state that was asked for, and keep the rest", () => {
    const where = kindWhere("user=ada&state=failed&state_ts>=5", "running", 100);
    expect(where).toBe("user=ada&state=running");
    expect(kindOf(where, 100)).toBe("running");
    expect(kindOf(kindWhere(where, "failed", 100), 100)).toBe("failed");
    expect(kindOf("user=ada", 100)).toBe("all");
    expect(kindOf("state=lost", 100)).toBeUndefined();
  });
});

describe("midnight", () => {
  it("is the beginning of the day here", () => {
    const day = new Date(midnight(1_795_000_000) * 1000);
    expect([day.getHours(), day.getMinutes(), day.getSeconds()]).toEqual([0, 0, 0]);
  });
});

describe("commandOf", () => {
  it("quotes for the shell what needs it", () =>
    expect(commandOf({ where: 'label="it\'s; rm -rf /"&user=ada', sort: "-failed" })).toBe(
      "stampede workflows --label 'it'\\''s; rm -rf /' --user ada --sort failed",
    ));
});

describe("causeWords", () => {
  it("tells the line of output that explains it, else the message", () => {
    const cause = { title: "the program failed", message: "exit 3", sample_output: "\n FATAL: no file\nmore" };
    expect(causeWords(1, cause)).toBe("1 cause: the program failed · FATAL: no file");
    expect(causeWords(2, { ...cause, sample_output: "" })).toBe("2 causes: the program failed · exit 3");
  });
  it("obeys no control characters of the output", () =>
    expect(causeWords(1, { title: "t", message: "", sample_output: "\u001b[31mred" })).not.toContain("\u001b"));
});

describe("endWords", () => {
  it("tells when a run ends, also when the first moment it could have ended has gone by", () => {
    expect(endWords(500, 7300)).toBe("ends in 8 min to 2 h");
    expect(endWords(-5, 40)).toBe("ends within 40 s");
  });
});
