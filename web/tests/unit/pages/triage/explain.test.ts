import { describe, expect, it } from "vitest";
import { explaining } from "@/pages/triage/explain";

describe("explaining", () => {
  const message = "Task ID3 ended with exit code 3. findrange2: FATAL: file /x/calibration.dat is missing";

  it("finds the line that a message quotes", () =>
    expect(explaining(["start", "  findrange2: FATAL: file /x/calibration.dat is missing", "end"], message)).toEqual([
      1,
    ]));

  it("finds a line of which a message has only the beginning", () => {
    const long = `ERROR ${"x".repeat(500)}`;
    expect(explaining(["a", long], `It failed with exit code 1. ${long.slice(0, 300)}`)).toEqual([1]);
  });

  it("finds a line that a message has within its words", () =>
    expect(explaining(["libcfitsio.so.9: cannot open"], "app cannot be run: libcfitsio.so.9: cannot open it")).toEqual([
      0,
    ]));

  it("finds another job's line, which has other names and numbers in it", () =>
    expect(
      explaining(
        ["starting", "ERROR: licence server lic5.example.org said: no token after 1883 s"],
        "Task ID0029315 ended with exit code 3. ERROR: licence server lic1.example.org said: no token after 5788 s",
      ),
    ).toEqual([1]));

  it("takes no short or empty line for an explanation", () => expect(explaining(["", "3.", "x"], message)).toEqual([]));
});
