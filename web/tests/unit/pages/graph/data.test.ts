import { describe, expect, it } from "vitest";
import type { Picture, TextColumn } from "@/api/columns";
import type { WorkflowStatus } from "@/api/schema";
import { noteOf, partsOf } from "@/pages/graph/content";
import { dataOf, nodeOf, totalsOf, treeOf, withStates, worstOf } from "@/pages/graph/data";
import { summaryOf } from "@/pages/graph/words";

const STATES = ["unready", "done", "failed"];

function texts(...all: string[]): TextColumn {
  return { length: all.length, at: (row) => all[row] };
}

const JOBS: Picture = {
  kind: "graph",
  level: "jobs",
  facts: { kinds: ["make", "use"], states: STATES, cut: true },
  tables: {
    nodes: {
      rows: 3,
      columns: {
        job: texts("a", "b", "inner"),
        kind: Uint32Array.of(0, 1, 1),
        state: Uint8Array.of(1, 2, 0),
        level: Uint32Array.of(0, 1, 2),
      },
    },
    edges: { rows: 2, columns: { parent: Uint32Array.of(0, 1), child: Uint32Array.of(1, 2) } },
  },
};

function groups(kind: number[], kinds: string[], counts: number[][]): Picture {
  const column = (state: number) => Uint32Array.from(counts, (row) => row[state]);
  return {
    kind: "graph",
    level: "groups",
    facts: { kinds, states: STATES, fold: "transformation" },
    tables: {
      nodes: {
        rows: kind.length,
        columns: {
          kind: Uint32Array.from(kind),
          level: new Uint32Array(kind.length),
          jobs: Uint32Array.from(counts, (row) => row.reduce((sum, n) => sum + n, 0)),
          unready: column(0),
          done: column(1),
          failed: column(2),
        },
      },
      edges: { rows: 1, columns: { parent: Uint32Array.of(0), child: Uint32Array.of(1), count: Uint32Array.of(5) } },
    },
  };
}

describe("the graph of jobs", () => {
  const below = [{ wf_uuid: "u-2", parent_job: "inner" }] as WorkflowStatus[];
  const data = dataOf(JOBS, below, "none");

  it("has names, what they run, states, and the workflows that lie behind jobs", () => {
    expect([0, 1, 2].map(data.name)).toEqual(["a", "b", "inner"]);
    expect(data.kind(1)).toBe("use");
    expect([...data.nested]).toEqual([[2, "u-2"]]);
    expect(data.cut).toBe(true);
    expect(nodeOf(data, "b")).toBe(1);
    expect(nodeOf(data, "nobody")).toBe(-1);
    expect(Object.fromEntries(totalsOf(data))).toEqual({ unready: 1, done: 1, failed: 1 });
  });

  it("takes later states where they belong, also when more jobs are known by then", () => {
    const later: Picture = {
      kind: "graph",
      level: "states",
      facts: { states: STATES },
      tables: { nodes: { rows: 4, columns: { state: Uint8Array.of(1, 1, 2, 0) } } },
    };
    const fresh = withStates(data, later);
    expect([...fresh.states]).toEqual([1, 1, 2]);
    expect(fresh.shape).toBe(data.shape);
  });

  it("is told in words to those who do not see it", () => {
    expect(summaryOf(data, "jobs")).toContain("3 nodes, 2 edges; 1 waiting, 1 done, 1 failed");
  });
});

describe("the graph of groups", () => {
  const data = dataOf(
    groups(
      [0, 1],
      ["make", "use"],
      [
        [0, 4, 0],
        [3, 1, 1],
      ],
    ),
    [],
    "transformation",
  );

  it("shows each group by the most urgent of its jobs", () => {
    expect([...data.states]).toEqual([1, 2]);
    expect([...worstOf(Uint32Array.of(0, 0, 0), STATES)]).toEqual([1]);
    expect(partsOf(data, 1)).toEqual([
      ["unready", 3],
      ["done", 1],
      ["failed", 1],
    ]);
    expect(noteOf(data, 0)).toBe("4 jobs");
  });

  it("takes later counts by the name of the group, in whatever order they come", () => {
    const later = groups(
      [0, 1],
      ["use", "make"],
      [
        [0, 5, 0],
        [0, 3, 1],
      ],
    );
    const fresh = withStates(data, later);
    expect(partsOf(fresh, 0)).toEqual([
      ["done", 3],
      ["failed", 1],
    ]);
    expect([...fresh.states]).toEqual([2, 1]);
    expect(fresh.shape).toBe(data.shape);
  });

  it("tells groups of one name apart by their level", () => {
    const byLevel = dataOf(
      groups(
        [0, 0],
        ["make"],
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ),
      [],
      "level",
    );
    expect(byLevel.key(1)).toBe("make @0");
    expect(noteOf(byLevel, 0)).toBe("1 job · level 0");
  });
});

describe("the tree of workflows", () => {
  const nodes = { total: 3, done: 2, failed: 1, futile: 0, ready: 0, unready: 0, pre: 0, queued: 0, post: 0 };
  const one = (wf_uuid: string, parent_wf_uuid: string | null) =>
    ({ wf_uuid, parent_wf_uuid, label: wf_uuid, nodes, running: 0, idle: 0, held: 0 }) as unknown as WorkflowStatus;

  it("leads from each workflow to those below it", () => {
    const data = treeOf([one("root", "elsewhere"), one("in", "root"), one("deep", "in")]);
    expect([...data.shape.parent]).toEqual([0, 1]);
    expect([...data.shape.child]).toEqual([1, 2]);
    expect(data.stateNames[data.states[1]]).toBe("failed");
    expect(data.nested.get(2)).toBe("deep");
  });
});
