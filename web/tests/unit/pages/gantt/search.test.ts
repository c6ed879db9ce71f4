import { describe, expect, it } from "vitest";
import { commandOf, readSearch, showsPhases } from "@/pages/gantt/search";

describe("the address of the page", () => {
  it("is read as it was written", () => {
    const search = {
      since: "2026-11-21T21:00:00Z",
      until: "2026-11-21T22:00:00.500Z",
      by: "host",
      attempt: "2",
      fold: 1,
      phases: 0,
    };
    expect(readSearch(search)).toEqual(search);
    expect(readSearch({ ...readSearch({ attempt: 2, fold: "1" }) })).toEqual({ attempt: "2", fold: 1 });
  });

  it("leaves out what makes no sense", () => {
    expect(
      readSearch({
        since: "yesterday",
        until: "2026-11-21",
        by: "colour",
        attempt: "0",
        fold: "yes",
        phases: "x",
        z: 1,
      }),
    ).toEqual({ until: "2026-11-21T00:00:00Z" });
    expect(readSearch({ since: "2026-11-21T22:00:00Z", until: "2026-11-21T21:00:00Z" })).toEqual({});
    expect(readSearch({ by: "transformation" })).toEqual({});
  });

  it("draws the wait everywhere but on hosts, unless told", () => {
    expect([showsPhases({}), showsPhases({ by: "host" }), showsPhases({ by: "host", phases: 1 })]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("has its equivalent on the command line", () => {
    expect(commandOf("u", { by: "site", since: "2026-11-21T21:00:00Z" })).toBe(
      "stampede plot gantt u --by site --since 2026-11-21T21:00:00Z -o gantt.svg",
    );
    expect(commandOf("u", { by: "path" })).toContain("--by job");
  });
});
