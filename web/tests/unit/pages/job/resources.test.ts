import { describe, expect, it } from "vitest";
import type { Amounts, Resources } from "@/api/schema";
import { barsOf } from "@/pages/job/resources";
import { NO_AMOUNTS } from "./samples";

function resources(requested: Partial<Amounts>, allocated: Partial<Amounts>, used: Partial<Amounts>): Resources {
  const full = (some: Partial<Amounts>) => ({ ...NO_AMOUNTS, ...some });
  return {
    requested: full(requested),
    allocated: full(allocated),
    used: full(used),
    cpu_user_s: null,
    cpu_system_s: null,
    bytes_sent: null,
    bytes_received: null,
  };
}

describe("barsOf", () => {
  it("marks what used more than it was given", () => {
    const [memory, cpus] = barsOf(
      resources({ memory_mb: 100, cpus: 1 }, { memory_mb: 128, cpus: 2 }, { memory_mb: 150, cpus: 1.5 }),
    );
    expect([memory.over, memory.top, memory.word(150)]).toEqual([true, 150, "157 MB"]);
    expect(cpus.over).toBe(false);
  });
  it("holds use against what was asked for where nothing was told of what was given", () =>
    expect(barsOf(resources({ cpus: 1 }, {}, { cpus: 2 }))[0].over).toBe(true));
  it("has no bar for what nobody spoke of", () => expect(barsOf(resources({}, {}, { gpus: 0 }))).toEqual([]));
});
