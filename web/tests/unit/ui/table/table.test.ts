import { describe, expect, it } from "vitest";
import { type Column, colsOf, leastPx, shownIds, sortingOf, sortOf, turned } from "@/ui/table/columns";
import { moved } from "@/ui/table/move";
import { newsOf } from "@/ui/table/useFresh";

const column = (id: string, usual: boolean, sort?: string): Column<string> => ({
  id,
  word: id,
  width: "minmax(120px, 1fr)",
  cell: () => null,
  usual,
  ...(sort && { sort }),
});
const COLUMNS = [column("a", true, "a_ts"), column("b", true), column("c", false, "c")];

describe("columns of an address", () => {
  it("are the usual ones where it names none, or none that is known", () => {
    expect(shownIds(COLUMNS, undefined)).toEqual(["a", "b"]);
    expect(shownIds(COLUMNS, "nonsense")).toEqual(["a", "b"]);
  });
  it("stand in the order of the list, not of the address", () => expect(shownIds(COLUMNS, "c,a")).toEqual(["a", "c"]));
  it("are left out of the address when they are the usual ones", () => {
    expect(colsOf(COLUMNS, ["b", "a"])).toBeUndefined();
    expect(colsOf(COLUMNS, ["c"])).toBe("c");
    expect(colsOf(COLUMNS, [])).toBeUndefined();
  });
  it("need so much room at least", () => expect(leastPx(["minmax(120px, 1fr)", "80px", "1fr"])).toBe(200));
});

describe("the order of an address", () => {
  it("is that of the grid, and back", () => {
    expect(sortOf(COLUMNS, sortingOf(COLUMNS, "-a_ts"))).toBe("-a_ts");
    expect(sortOf(COLUMNS, sortingOf(COLUMNS, "c"))).toBe("c");
    expect(sortingOf(COLUMNS, "unknown")).toEqual([]);
  });
  it("can be turned round", () => expect([turned("a"), turned("-a")]).toEqual(["-a", "a"]));
});

describe("moved", () => {
  it("stays inside the list", () => {
    expect(moved("k", 0, 10, 5)).toBe(0);
    expect(moved("j", 9, 10, 5)).toBe(9);
    expect(moved("PageDown", 7, 10, 5)).toBe(9);
    expect(moved("End", 0, 1_000_000, 5)).toBe(999_999);
    expect(moved("Home", 8, 10, 5)).toBe(0);
  });
  it("means nothing for other keys, or in an empty list", () => {
    expect(moved("q", 0, 10, 5)).toBeUndefined();
    expect(moved("j", 0, 0, 5)).toBeUndefined();
  });
});

describe("newsOf", () => {
  const pages = { count: 2, at: (row: number) => ["old1", "old2"][row] };
  it("counts rows that the list does not have, wherever they stand", () =>
    expect(newsOf({ items: ["new", "old2", "old1"] }, pages, (one) => one)).toBe(1));
  it("is none when the list only changed its order", () =>
    expect(newsOf({ items: ["old2", "old1"] }, pages, (one) => one)).toBe(0));
});
