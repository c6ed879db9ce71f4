import { describe, expect, it } from "vitest";
import { lengthOf, partsOf, sumsOf } from "@/pages/job/phases";
import { phase, tryOf } from "./samples";

const TRY = tryOf({
  phases: [phase("queue", 100, 110), phase("run", 110, 115), phase("queue", 115, 118), phase("run", 118, null)],
});

describe("partsOf", () => {
  it("places phases after the start of the try; the last one goes on up to now", () =>
    expect(partsOf(TRY, 130).map((p) => [p.phase, p.start_s, p.duration_s, p.open])).toEqual([
      ["queue", 0, 10, false],
      ["run", 10, 5, false],
      ["queue", 15, 3, false],
      ["run", 18, 12, true],
    ]));
  it("is empty for a try of which nothing is known", () => expect(partsOf(tryOf(), 0)).toEqual([]));
  it("never runs backwards when clocks differ", () => expect(lengthOf(partsOf(TRY, 5))).toBe(18));
});

describe("sumsOf", () => {
  it("adds up what a try came back to", () =>
    expect(sumsOf(partsOf(TRY, 130)).map((s) => [s.word, s.duration_s])).toEqual([
      ["queued", 13],
      ["run", 17],
    ]));
});
