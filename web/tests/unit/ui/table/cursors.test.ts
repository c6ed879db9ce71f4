import { describe, expect, it } from "vitest";
import { Cursors, PAGE, pagesOf, rowsToShow, STRIDE } from "@/ui/table/cursors";

/** Walk to a row of a list of so many rows; gives how many steps it took. */
function walk(cursors: Cursors, row: number, rows: number): number {
  let steps = 0;
  for (let stride = cursors.stride(row); stride; stride = cursors.stride(row)) {
    const found = Math.min(stride.limit, rows - stride.from);
    cursors.learn(stride.from, found, stride.from + found < rows ? `c${stride.from + found}` : null);
    steps += 1;
  }
  return steps;
}

describe("Cursors", () => {
  it("reach a far row in long strides, and know the way afterwards", () => {
    const cursors = new Cursors();
    expect(walk(cursors, 55_500, 1_000_000)).toBe(Math.ceil(55_500 / STRIDE));
    expect(cursors.at(55_500)).toBe("c55500");
    expect(walk(cursors, 55_500, 1_000_000)).toBe(0);
  });
  it("go on from the nearest place that is known", () => {
    const cursors = new Cursors();
    walk(cursors, 50_000, 1_000_000);
    expect(cursors.stride(51_000)).toEqual({ from: 50_000, cursor: "c50000", limit: 1000 });
    expect(cursors.stride(42_000)).toEqual({ from: 40_000, cursor: "c40000", limit: 2000 });
  });
  it("end where the list ends, also when less is there than was thought", () => {
    const cursors = new Cursors();
    walk(cursors, 90_000, 12_345);
    expect(cursors.end).toBe(12_345);
    expect(cursors.stride(90_000)).toBeUndefined();
  });
});

describe("rowsToShow", () => {
  it("is all of a known total, up to what can be drawn", () => {
    expect(rowsToShow(new Cursors(), 70, 1000)).toBe(70);
    expect(rowsToShow(new Cursors(), 5000, 1000)).toBe(1000);
  });
  it("grows by a page where nobody knows how long the list is, until its end", () => {
    const cursors = new Cursors();
    cursors.learn(0, PAGE, "c");
    expect(rowsToShow(cursors, null, 1e6)).toBe(2 * PAGE);
    cursors.learn(PAGE, 7, null);
    expect(rowsToShow(cursors, null, 1e6)).toBe(PAGE + 7);
  });
  it("is nothing of an empty list", () => {
    const cursors = new Cursors();
    cursors.learn(0, 0, null);
    expect(rowsToShow(cursors, null, 1e6)).toBe(0);
  });
});

describe("pagesOf", () => {
  it("names the pages that rows lie on", () => {
    expect(pagesOf(0, PAGE - 1)).toEqual([0]);
    expect(pagesOf(PAGE - 1, PAGE)).toEqual([0, 1]);
    expect(pagesOf(-3, 5)).toEqual([0]);
  });
});
