import { describe, expect, it } from "vitest";
import {
  byteOfRow,
  bytesOf,
  type Layout,
  layoutOf,
  lineAround,
  PIECE,
  pieceOfByte,
  rowCount,
  rowOfByte,
} from "@/ui/output/layout";

const CHUNK = 65_536;
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (layout: Layout, piece: number) => new TextDecoder().decode(bytesOf(layout, piece));

describe("layoutOf", () => {
  it("makes a piece of each line, also of the last one without an end", () => {
    const layout = layoutOf({ from: 0, bytes: bytes("one\r\n\nthree") });
    expect([0, 1, 2].map((piece) => textOf(layout, piece))).toEqual(["one", "", "three"]);
    expect([...layout.starts]).toEqual([0, 5, 6, 11]);
    expect([...layout.lines]).toEqual([0, 1, 2]);
  });

  it("has nothing of an empty file", () => expect(rowCount(layoutOf({ from: 0, bytes: bytes("") }))).toBe(0));

  it("leaves out the end of a line that began before the window", () => {
    const layout = layoutOf({ from: CHUNK, bytes: bytes("rest of it\nnext\n") });
    expect(textOf(layout, 0)).toBe("next");
    expect(layout.starts[0]).toBe(CHUNK + 11);
  });

  it("cuts long lines at the same bytes whatever the window", () => {
    const file = bytes(`${"short\n".repeat(3)}${"é".repeat(150_000)}\nend\n`);
    const whole = layoutOf({ from: 0, bytes: file });
    const later = layoutOf({ from: CHUNK, bytes: file.subarray(CHUNK) });
    const behind = (layout: Layout) => [...layout.starts].filter((at) => at > CHUNK + PIECE);
    expect(behind(later)).toEqual(behind(whole));
    expect(textOf(whole, 10)).toMatch(/^é+$/); // no character is cut in two
    expect(bytesOf(whole, 10).length).toBeLessThanOrEqual(PIECE + 3);
  });

  it("counts the rows that wrapped pieces take", () => {
    const layout = layoutOf({ from: 0, bytes: bytes(`${"x".repeat(45)}\nab\n\n`) }, 20);
    expect([...layout.rows]).toEqual([0, 3, 4, 5]);
  });
});

describe("rows and bytes", () => {
  const layout = layoutOf({ from: 0, bytes: bytes(`${"x".repeat(100)}\nab\n${"y".repeat(70)}\n`) }, 20);
  it("lead from each row to a byte and back", () => {
    for (let row = 0; row < rowCount(layout); row++) expect(rowOfByte(layout, byteOfRow(layout, row))).toBe(row);
  });
  it("find the piece and the line of a byte", () => {
    expect(pieceOfByte(layout, 102)).toBe(1);
    expect(lineAround(layout, 1)).toEqual([101, 104]);
  });
  it("find the whole of a long line from a part of it", () => {
    const long = layoutOf({ from: 0, bytes: bytes(`a\n${"z".repeat(9000)}\nb\n`) });
    expect(lineAround(long, 3)).toEqual([2, 9003]);
  });
});
