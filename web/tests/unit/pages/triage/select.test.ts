import { describe, expect, it } from "vitest";
import type { Cause } from "@/api/schema";
import { readSearch } from "@/pages/triage/search";
import { idsOf, moved, programText } from "@/pages/triage/select";

function cause(id: string, resolved = false): Cause {
  return { id, resolved } as Cause;
}

describe("idsOf", () => {
  it("goes from causes that stand over what follows to those that are over", () =>
    expect(idsOf([cause("old", true), cause("new")], 7)).toEqual(["new", "never", "old"]));
  it("leaves out jobs that never run when there are none", () => expect(idsOf([cause("a")], 0)).toEqual(["a"]));
});

describe("moved", () => {
  it("stops at both ends", () => {
    expect(moved(["a", "b"], "b", 1)).toBe("b");
    expect(moved(["a", "b"], "a", -1)).toBe("a");
    expect(moved(["a", "b"], "a", 1)).toBe("b");
  });
  it("begins with the first", () => expect(moved(["a", "b"], undefined, 1)).toBe("a"));
  it("knows none in an empty list", () => expect(moved([], "a", 1)).toBeUndefined());
});

describe("programText", () => {
  it("puts what each task said together, errors first, and leaves out wrappers", () =>
    expect(
      programText([
        { seq: 2, stream: "stdout", text: "out" },
        { seq: 0, stream: "stderr", text: "wrapper" },
        { seq: 2, stream: "stderr", text: "bad\n" },
        { seq: 1, stream: "stdout", text: "one" },
      ]),
    ).toBe("── task 1, stdout ──\none\n\n── task 2, stderr ──\nbad\n\n── task 2, stdout ──\nout\n"));
});

describe("readSearch", () => {
  it("keeps what means something and drops the rest", () =>
    expect(readSearch({ cause: "c1", member: "inner/work", attempt: 2, stream: "stderr", x: 1 })).toEqual({
      cause: "c1",
      member: "inner/work",
      attempt: 2,
      stream: "stderr",
    }));
  it("takes no member without its cause, no try 0, no stream that there is not", () =>
    expect(readSearch({ member: "a", attempt: 0, stream: "core" })).toEqual({}));
  it("takes names that look like numbers", () => expect(readSearch({ cause: 12 })).toEqual({ cause: "12" }));
});
