import { describe, expect, it } from "vitest";
import {
  addressOfList,
  conditionsOf,
  oneOf,
  partsOf,
  quoted,
  unquoted,
  withCondition,
  without,
} from "@/ui/table/question";

const NASTY = ["plain", 'a"b', "a&b", "a,b", "back\\slash", " blank ", "null", "", 'x"&state=done&y="'];

describe("quoted", () => {
  it("gives a text that reads back to the same, whatever is in it", () => {
    for (const text of NASTY) expect(unquoted(quoted(text))).toBe(text);
  });
  it("puts what begins like an operator in quotes", () => {
    for (const text of ["=1", "!a", "~b", "<c", ">d"]) expect(quoted(text)).toBe(`"${text}"`);
  });
  it("keeps the word for no value apart from the text", () => {
    expect(oneOf("label", [null])).toBe("label=null");
    expect(oneOf("label", ["null"])).toBe('label="null"');
  });
});

describe("conditionsOf", () => {
  it("parts at each & outside of quotes", () =>
    expect(conditionsOf('state=failed& name~="a&b" &attempts>1')).toEqual([
      "state=failed",
      'name~="a&b"',
      "attempts>1",
    ]));
  it("never lets a value become another condition", () => {
    for (const text of NASTY) {
      const where = `user=ada&${oneOf("label", [text])}`;
      expect(conditionsOf(where)).toHaveLength(2);
      expect(partsOf(conditionsOf(where)[1])?.column).toBe("label");
    }
  });
  it("of nothing is nothing", () => expect(conditionsOf(undefined)).toEqual([]));
});

describe("withCondition", () => {
  it("replaces what was asked of the column, and keeps the rest", () =>
    expect(withCondition("state=failed&user=ada", "state", "state=running")).toBe("user=ada&state=running"));
  it("leaves nothing behind when the last one goes", () => {
    expect(withCondition("state=failed", "state")).toBeUndefined();
    expect(without("a=1", "a=1")).toBeUndefined();
  });
});

describe("addressOfList", () => {
  it("sends each condition whole, so that operators and values arrive as they were", () => {
    const address = addressOfList(
      { path: "/jobs", where: ["duration_s>60", 'name="a&b"'], sort: "-duration_s", q: " x y ", below: true },
      { limit: 5, after: "c" },
    );
    const sent = address.split("?")[1].split("&").map(decodeURIComponent);
    expect(sent).toEqual([
      "duration_s>60",
      'name="a&b"',
      "sort=-duration_s",
      "q=x y",
      "below=true",
      "limit=5",
      "after=c",
    ]);
  });
  it("says nothing that was not asked", () => expect(addressOfList({ path: "/jobs", where: [] })).toBe("/jobs"));
});
