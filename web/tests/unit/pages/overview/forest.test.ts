import { describe, expect, it } from "vitest";
import type { WorkflowStatus } from "@/api/schema";
import { rowsOf } from "@/pages/overview/forest";

function flow(uuid: string, above: string | null, state = "success"): WorkflowStatus {
  return { wf_uuid: uuid, parent_wf_uuid: above, state, held: 0, nodes: { failed: 0 } } as unknown as WorkflowStatus;
}

const FOREST = [
  flow("root", null, "failed"),
  flow("a", "root"),
  flow("a1", "a"),
  flow("b", "root", "failed"),
  flow("b1", "b", "lost"),
];

describe("rowsOf", () => {
  const names = (folded: string[], trouble = false) =>
    rowsOf(FOREST, new Set(folded), trouble).map((row) => "-".repeat(row.depth) + row.workflow.wf_uuid);

  it("lists parents before what is in them", () => expect(names([])).toEqual(["root", "-a", "--a1", "-b", "--b1"]));
  it("hides what is folded", () => expect(names(["a"])).toEqual(["root", "-a", "-b", "--b1"]));
  it("keeps what leads to trouble", () => expect(names([], true)).toEqual(["root", "-b", "--b1"]));
  it("shows the tree of a sub-workflow whose parent is not there", () =>
    expect(rowsOf(FOREST.slice(1, 3), new Set(), false).map((row) => row.depth)).toEqual([0, 1]));
  it("goes down a chain of any depth", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => flow(`w${i}`, i > 0 ? `w${i - 1}` : null));
    expect(rowsOf(chain, new Set(), false)).toHaveLength(20_000);
  });
});
