import { describe, expect, it } from "vitest";
import { clean, duration, epoch, percent, size } from "@/words/format";

describe("duration", () => {
  it.each([
    [null, "–"],
    [0.25, "0.25 s"],
    [3.04, "3.0 s"],
    [14, "14 s"],
    [312, "5 min 12 s"],
    [3725, "1 h 02 min"],
    [273_600, "3 d 04 h"],
    [-5, "-5 s"],
  ])("says %s as %s", (seconds, words) => expect(duration(seconds)).toBe(words));
});

describe("size", () => {
  it.each([
    [0, "0 B"],
    [1500, "1.5 kB"],
    [23e6, "23 MB"],
    [999_999, "1.0 MB"],
  ])("says %d bytes as %s", (bytes, words) => expect(size(bytes)).toBe(words));
});

describe("percent", () => {
  it("is never all for less than all, and never nothing for some", () => {
    expect(percent(0.99999)).toBe("99.9 %");
    expect(percent(0.00001)).toBe("<0.1 %");
    expect(percent(1)).toBe("100 %");
    expect(percent(0)).toBe("0 %");
  });
});

describe("epoch", () => {
  it("reads what the service writes", () => expect(epoch("2026-11-21T21:13:11Z")).toBe(1_795_295_591));
  it("knows no time for what is none", () => expect(epoch("soon")).toBeUndefined());
});

describe("clean", () => {
  it("shows control characters and turned text instead of obeying them", () =>
    expect(clean("a\x1b[31mb\u202ec\td\n")).toBe("a\\x1b[31mb\\u202ec\td\n"));
});
