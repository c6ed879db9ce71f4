import { describe, expect, it } from "vitest";
import { readSearch } from "@/pages/graph/search";

describe("readSearch", () => {
  it("reads what the page writes", () => {
    const search = { view: "near", of: "findrange_ID0000003", hops: 4, at: "a", path: "up" };
    expect(readSearch(search)).toEqual(search);
  });

  it("takes names that look like numbers, as a DAG may have them", () => {
    expect(readSearch({ view: "near", of: 12, at: 7 })).toEqual({ view: "near", of: "12", at: "7" });
  });

  it.each([
    [{ view: "everything" }],
    [{ view: "near" }],
    [{ hops: "many" }],
    [{ hops: 0 }],
    [{ hops: 101 }],
    [{ path: "up" }],
    [{ at: "" }],
    [{ at: { nested: 1 } }],
    [{ view: "transformation", hops: 2 }],
  ])("leaves out what is wrong, or said anyway: %j", (raw) => expect(readSearch(raw)).toEqual({}));
});
