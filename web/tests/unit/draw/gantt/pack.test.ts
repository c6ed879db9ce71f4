import { describe, expect, it } from "vitest";
import { beginOf, endOf, pack } from "@/draw/gantt/pack";
import { RUNNING } from "@/draw/gantt/picture";
import { barsOf, type MadeTry, runs } from "./made";

/** Bars as they might come, always the same. */
function many(count: number): MadeTry[] {
  let seed = 7;
  const dice = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  return Array.from({ length: count }, () => {
    const begin = dice() * 900;
    const execute = begin + dice() * 40;
    const end = execute + dice() * 60;
    return { lane: Math.floor(dice() * 3), at: [begin, begin, execute, end, end + 5], state: dice() < 0.05 ? 0 : 1 };
  });
}

describe("packing", () => {
  it.each([true, false])("lays no bar over another, with phases: %s", (phases) => {
    const bars = barsOf(many(400));
    const { row, rows } = pack(bars, phases);
    for (let a = 0; a < bars.count; a += 1) {
      expect(row[a]).toBeLessThan(rows[bars.lane[a]]);
      for (let b = 0; b < a; b += 1) {
        if (bars.lane[a] !== bars.lane[b] || row[a] !== row[b]) continue;
        const apart =
          endOf(bars, a, phases) <= beginOf(bars, b, phases) || endOf(bars, b, phases) <= beginOf(bars, a, phases);
        expect(apart).toBe(true);
      }
    }
  });

  it("takes no more rows than bars lie over each other", () => {
    const { rows } = pack(barsOf([runs(0, 0, 10), runs(0, 5, 15), runs(0, 10, 20), runs(1, 0, 99)]), true);
    expect([...rows]).toEqual([2, 1, 1]);
  });

  it("moves nothing when something comes later", () => {
    const some = many(100).sort((a, b) => a.at[0] - b.at[0]);
    const before = pack(barsOf(some.slice(0, 60)), true);
    const after = pack(barsOf(some), true);
    expect([...after.row.slice(0, 60)]).toEqual([...before.row]);
  });

  it("gives what runs its row for good", () => {
    const { row } = pack(barsOf([runs(0, 0, 10, RUNNING), runs(0, 50, 60)]), true);
    expect([...row]).toEqual([0, 1]);
  });

  it("lets waits lie over each other when they are not drawn", () => {
    const tries: MadeTry[] = [{ at: [0, 0, 10, 20, 20] }, { at: [0, 0, 20, 30, 30] }];
    expect(pack(barsOf(tries), true).rows[0]).toBe(2);
    expect(pack(barsOf(tries), false).rows[0]).toBe(1);
  });
});
