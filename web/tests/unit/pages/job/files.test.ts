import { describe, expect, it } from "vitest";
import type { LineageGraphFile, Process, Trace } from "@/api/schema";
import { flowsOf } from "@/pages/job/files";

const file = (name: string): LineageGraphFile =>
  ({ id: `file:${name}`, name, distance: 0, input: false, output: false, missing: false }) as LineageGraphFile;
const job = (n: number): Process => ({ id: `job:${n}`, path: `j${n}`, distance: 0, state: "done" }) as Process;
const link = (source: string, target: string) => ({ source, target, kind: "reads" as const });

const TRACE: Trace = {
  subject: ["job:1"],
  files: [file("b"), file("a"), file("far")],
  processes: [job(0), job(1), job(2), job(3)],
  links: [
    link("job:0", "file:a"),
    link("file:a", "job:1"),
    link("file:a", "job:3"),
    link("job:1", "file:b"),
    link("file:b", "job:2"),
    link("job:2", "file:far"),
  ],
  cut: false,
};

describe("flowsOf", () => {
  it("tells inputs with who made them, outputs with who uses them, and nothing else", () => {
    const { inputs, outputs } = flowsOf(TRACE);
    expect(inputs.map((f) => [f.file.name, f.others.map((o) => o.path)])).toEqual([["a", ["j0"]]]);
    expect(outputs.map((f) => [f.file.name, f.others.map((o) => o.path)])).toEqual([["b", ["j2"]]]);
  });
});
