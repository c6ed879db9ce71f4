import type { Bars, Lanes } from "@/draw/gantt/picture";

export interface MadeTry {
  lane?: number;
  /** begin, submit, execute, end, over */
  at: [number, number, number, number, number];
  state?: number;
  attempt?: number;
  job?: string;
}

/** Bars that a test makes up. */
export function barsOf(
  tries: MadeTry[],
  lanes = ["a", "b", "c"],
  holds: [bar: number, from: number, to: number][] = [],
): Bars {
  const edge = (n: number) => Float32Array.from(tries, (one) => one.at[n]);
  const zeros = () => new Uint32Array(tries.length);
  return {
    level: "bars",
    startTs: 1000,
    endTs: 2000,
    nowTs: 2000,
    by: "transformation",
    lanes,
    count: tries.length,
    lane: Uint32Array.from(tries, (one) => one.lane ?? 0),
    begin: edge(0),
    submit: edge(1),
    execute: edge(2),
    end: edge(3),
    over: edge(4),
    state: Uint8Array.from(tries, (one) => one.state ?? 1),
    last: new Uint8Array(tries.length),
    attempt: Uint32Array.from(tries, (one) => one.attempt ?? 1),
    kind: zeros(),
    host: zeros(),
    workflow: zeros(),
    job: { length: tries.length, at: (row) => tries[row].job ?? `job${row}` },
    holds: {
      count: holds.length,
      bar: Uint32Array.from(holds, ([bar]) => bar),
      start: Float32Array.from(holds, ([, from]) => from),
      end: Float32Array.from(holds, ([, , to]) => to),
    },
    kinds: ["kind"],
    hosts: ["host"],
    workflows: [{ wf_uuid: "u", prefix: "" }],
    unstarted: true,
  };
}

/** A bar that only runs. */
export const runs = (lane: number, execute: number, end: number, state = 1): MadeTry => ({
  lane,
  at: [execute, execute, execute, end, end],
  state,
});

/** Lanes that a test makes up, from [lane, bin, running, failing]. */
export function lanesOf(names: string[], levels: [number, number, number, number][], bins = 10): Lanes {
  return {
    level: "lanes",
    startTs: 1000,
    endTs: 2000,
    nowTs: 2000,
    by: "transformation",
    lanes: names,
    bins,
    skip: [],
    count: levels.length,
    lane: Uint32Array.from(levels, ([lane]) => lane),
    bin: Uint32Array.from(levels, ([, bin]) => bin),
    running: Float32Array.from(levels, ([, , running]) => running),
    failing: Float32Array.from(levels, ([, , , failing]) => failing),
    tries: new Uint32Array(names.length).fill(7),
    failed: new Uint32Array(names.length),
  };
}
