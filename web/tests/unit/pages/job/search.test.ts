import { describe, expect, it } from "vitest";
import { bytesAt, readSearch } from "@/pages/job/search";

describe("readSearch", () => {
  it("reads what a link says", () =>
    expect(readSearch({ attempt: "2", tab: "dagman", at: "10-20", find: 7 })).toEqual({
      attempt: 2,
      tab: "dagman",
      at: "10-20",
      find: "7",
    }));
  it("leaves out what nobody can mean", () =>
    expect(readSearch({ attempt: 0, tab: "passwd", at: "20-10", find: {}, more: 1 })).toEqual({}));
});

describe("bytesAt", () => {
  it("makes one place of a single byte", () => expect(bytesAt(120)).toEqual([120, 121]));
  it("knows none in other words", () => expect(bytesAt("-1")).toBeUndefined());
});
