import { describe, expect, it } from "vitest";
import { isError, printedBy } from "@/pages/job/printed";
import { tryOf } from "./samples";

const piece = (seq: number, stream: string) => ({ seq, stream, text: "x" });

describe("printedBy", () => {
  const output = [piece(0, "stderr"), piece(2, "stdout"), piece(1, "stdout"), piece(1, "stderr")];
  const order = (outcome: string) => printedBy(tryOf({ outcome, output })).map((one) => `${one.seq} ${one.stream}`);
  it("begins with the errors of a try that failed, and leaves out what nobody is known to have printed", () =>
    expect(order("failed")).toEqual(["1 stderr", "1 stdout", "2 stdout"]));
  it("begins with the output of one that went well", () =>
    expect(order("success")).toEqual(["1 stdout", "1 stderr", "2 stdout"]));
});

describe("isError", () => {
  it.each(["ValueError: x", "FATAL: no", "cat: a: No such file or directory"])("%s is one", (line) =>
    expect(isError(line)).toBe(true),
  );
  it.each(["0 errors", "no error at all", "12 passed, 0 failed"])("%s is none", (line) =>
    expect(isError(line)).toBe(false),
  );
});
