import { describe, expect, it } from "vitest";
import type { Picture } from "@/api/columns";
import { concurrencyOf, ganttOf, levelsOf } from "@/draw/gantt/picture";
import { lanesOf } from "./made";

const FACTS = { start_ts: "2026-11-21T21:00:00Z", end_ts: "2026-11-21T22:00:00Z", now_ts: "2026-11-21T22:00:00.5Z" };
const START = Date.parse(FACTS.start_ts) / 1000;

describe("a picture from the service", () => {
  it("has bars with their names and times in epoch seconds", () => {
    const told: Picture = {
      kind: "gantt",
      level: "bars",
      facts: { ...FACTS, by: "host", lanes: ["h"], kinds: ["k"], hosts: ["h"], workflows: [], unstarted: false },
      tables: {
        tries: { rows: 1, columns: { lane: Uint32Array.of(0), execute: Float32Array.of(5) } },
        holds: { rows: 0, columns: { bar: new Uint32Array(), start: new Float32Array(), end: new Float32Array() } },
      },
    };
    const gantt = ganttOf(told);
    expect(gantt).toMatchObject({ level: "bars", by: "host", startTs: START, nowTs: START + 3600.5, count: 1 });
    expect(gantt).toMatchObject({ unstarted: false, holds: { count: 0 } });
  });

  it("has lanes with the times that were left out", () => {
    const told: Picture = {
      kind: "gantt",
      level: "lanes",
      facts: { ...FACTS, by: "site", lanes: ["s"], bins: 20, skip: [{ start_ts: FACTS.start_ts, end_ts: 1e9 }] },
      tables: {
        bins: { rows: 2, columns: { lane: Uint32Array.of(0, 0), bin: Uint32Array.of(1, 2) } },
        lanes: { rows: 1, columns: { tries: Uint32Array.of(9), failed: Uint32Array.of(1) } },
      },
    };
    expect(ganttOf(told)).toMatchObject({ level: "lanes", bins: 20, count: 2, skip: [{ start: START, end: 1e9 }] });
  });

  it("has levels and idle times", () => {
    const told: Picture = {
      kind: "concurrency",
      level: "bins",
      facts: { ...FACTS, bins: 2, skip: [], gaps: [{ start_ts: FACTS.start_ts, end_ts: FACTS.end_ts }] },
      tables: { bins: { rows: 2, columns: { running: Float32Array.of(1, 2) } } },
    };
    expect(concurrencyOf(told)).toMatchObject({ bins: 2, gaps: [{ start: START, end: START + 3600 }] });
  });
});

it("lanes tell how many ran at once in all, until more is known", () => {
  const lanes = lanesOf(
    ["a", "b"],
    [
      [0, 3, 2, 0],
      [1, 3, 1.5, 0],
      [1, 4, 1, 0],
    ],
  );
  expect([...levelsOf(lanes).running]).toEqual([0, 0, 0, 3.5, 1, 0, 0, 0, 0, 0]);
});
