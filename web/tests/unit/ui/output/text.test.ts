import { describe, expect, it } from "vitest";
import { columnsOf, decoded, type Span, spansOf, withHits, wrapped } from "@/ui/output/text";

const shown = (spans: Span[]) => spans.map((s) => s.text).join("");

describe("spansOf", () => {
  it("writes control characters, ANSI and marks of direction instead of obeying them", () => {
    const spans = spansOf("a\x1b[31mb\u202ec\x00");
    expect(shown(spans)).toBe("a\\x1b[31mb\\u202ec\\x00");
    expect(spans.filter((s) => s.look === "odd").map((s) => s.text)).toEqual(["\\x1b", "\\u202e", "\\x00"]);
  });
  it("leaves markup alone: it is text", () =>
    expect(spansOf("<script>x</script>")).toEqual([{ text: "<script>x</script>" }]));
  it("makes tabs blanks up to the next eighth column", () => expect(shown(spansOf("ab\tc"))).toBe("ab      c"));
  it("shows bytes that are no UTF-8 as what they are: unknown", () =>
    expect(decoded(Uint8Array.of(97, 0xff, 98))).toBe("a\ufffdb"));
});

describe("columnsOf", () => {
  it.each([
    ["a", 1],
    ["é", 1],
    ["\u0301", 0],
    ["日", 2],
    ["🚀", 2],
  ])("%s takes %d", (c, columns) => expect(columnsOf(c)).toBe(columns));
});

describe("wrapped", () => {
  it("cuts after so many columns and loses nothing", () => {
    const rows = wrapped([{ text: "abcde" }, { text: "\\x00", look: "odd" }, { text: "日本" }], 4);
    expect(rows.map(shown)).toEqual(["abcd", "e\\x0", "0日", "本"]);
  });
  it("has a row for an empty line", () => expect(wrapped([], 10)).toEqual([[]]));
});

describe("withHits", () => {
  it("tells apart what is looked for, in upper or lower case", () =>
    expect(withHits([{ text: "an ERROR, error" }], "Error")).toEqual([
      { text: "an " },
      { text: "ERROR", look: "hit" },
      { text: ", " },
      { text: "error", look: "hit" },
    ]));
});
