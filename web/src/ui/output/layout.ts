/** Where lines and rows lie in a window of bytes of a file: pure, over typed arrays. */

import { decoded, type Span, spansOf, wrapped } from "./text";

/** A line that is longer is shown in pieces of so many bytes: a line of 10 MB stays a line that can be scrolled. */
export const PIECE = 2048;
const NEWLINE = 10;

/** Bytes of a file from `from` on. */
export interface Window {
  from: number;
  bytes: Uint8Array;
}

/**
 * Pieces (lines, or parts of long ones) and the rows that show them. `starts` has one more than there are pieces: the
 * end. `begins[i]` is 1 where a line begins. `rows[i]` is the first row of a piece, and the last one of all rows.
 */
export interface Layout {
  from: number;
  bytes: Uint8Array;
  starts: Float64Array;
  begins: Uint8Array;
  /** Lines that begin before a piece. */
  lines: Uint32Array;
  rows: Uint32Array;
  columns: number;
}

/** Pieces of a window. A line that began before the window is left out up to its end, unless it is a long one. */
export function layoutOf(window: Window, columns = 0): Layout {
  const { from, bytes } = window;
  const starts: number[] = [];
  const begins: number[] = [];
  let at = 0;
  if (from > 0) {
    const end = bytes.indexOf(NEWLINE);
    const isShort = end >= 0 && end < PIECE;
    at = isShort ? end + 1 : cutIn(bytes, from, 0, end < 0 ? bytes.length : end, starts, begins, false);
  }
  while (at < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    at = cutIn(bytes, from, at, end, starts, begins, true);
  }
  const last = starts.length > 0 ? from + bytes.length : from + at;
  const layout: Layout = {
    from,
    bytes,
    starts: Float64Array.from([...starts, last]),
    begins: Uint8Array.from(begins),
    lines: new Uint32Array(starts.length),
    rows: new Uint32Array(starts.length + 1),
    columns,
  };
  let rows = 0;
  let lines = 0;
  for (let piece = 0; piece < starts.length; piece++) {
    layout.lines[piece] = lines;
    lines += begins[piece];
    layout.rows[piece] = rows;
    rows += columns > 0 ? rowsOf(layout, piece) : 1;
  }
  layout.rows[starts.length] = rows;
  return layout;
}

/** Add the pieces of one line; returns where the next one begins. Long lines are cut at the same bytes whatever the window. */
function cutIn(
  bytes: Uint8Array,
  from: number,
  start: number,
  end: number,
  starts: number[],
  begins: number[],
  begin: boolean,
): number {
  starts.push(from + start);
  begins.push(begin ? 1 : 0);
  if (end - start > PIECE || !begin) {
    for (let cut = PIECE - ((from + start) % PIECE) + start; cut < end; cut += PIECE) {
      const at = charStart(bytes, cut);
      if (from + at <= starts.at(-1)!) continue;
      starts.push(from + at);
      begins.push(0);
    }
  }
  return end + 1;
}

/** The first byte of the character that a byte belongs to, in UTF-8. */
function charStart(bytes: Uint8Array, at: number): number {
  for (let back = 0; back < 4; back++) if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  return at;
}

function rowsOf(layout: Layout, piece: number): number {
  const bytes = bytesOf(layout, piece);
  if (isPlain(bytes)) return Math.max(1, Math.ceil(bytes.length / layout.columns));
  return wrapped(spansOf(decoded(bytes)), layout.columns).length;
}

function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < 32 || byte > 126) return false;
  return true;
}

/** The bytes of a piece without the end of its line. */
export function bytesOf(layout: Layout, piece: number): Uint8Array {
  const start = layout.starts[piece] - layout.from;
  let end = layout.starts[piece + 1] - layout.from;
  if (end > start && layout.bytes[end - 1] === NEWLINE) end -= 1;
  if (end > start && layout.bytes[end - 1] === 13 && layout.bytes[end] === NEWLINE) end -= 1;
  return layout.bytes.subarray(start, end);
}

/** What a piece shows, in one row or several. */
export function spansOfPiece(layout: Layout, piece: number): Span[] {
  return spansOf(decoded(bytesOf(layout, piece)));
}

/** All rows there are. */
export function rowCount(layout: Layout): number {
  return layout.rows[layout.rows.length - 1];
}

/** The piece that a row belongs to. */
export function pieceOfRow(layout: Layout, row: number): number {
  return lastAtMost(layout.rows, row, layout.rows.length - 1);
}

/** The piece that a byte of the file belongs to; the nearest one for bytes outside of the window. */
export function pieceOfByte(layout: Layout, byte: number): number {
  return Math.max(0, lastAtMost(layout.starts, byte, layout.starts.length - 1));
}

/** The first row of the line or piece that a byte belongs to, moved by how far it is in a piece of several rows. */
export function rowOfByte(layout: Layout, byte: number): number {
  if (layout.begins.length === 0) return 0;
  const piece = pieceOfByte(layout, byte);
  const first = layout.rows[piece];
  const rows = layout.rows[piece + 1] - first;
  if (rows < 2) return first;
  const share = (byte - layout.starts[piece]) / Math.max(1, layout.starts[piece + 1] - layout.starts[piece]);
  return first + Math.min(rows - 1, Math.max(0, Math.floor(share * rows)));
}

/** A byte that `rowOfByte` finds the row by. */
export function byteOfRow(layout: Layout, row: number): number {
  if (layout.begins.length === 0) return layout.from;
  const piece = pieceOfRow(layout, Math.min(row, rowCount(layout) - 1));
  const first = layout.rows[piece];
  const rows = layout.rows[piece + 1] - first;
  const bytes = layout.starts[piece + 1] - layout.starts[piece];
  return layout.starts[piece] + (rows < 2 ? 0 : Math.ceil(((row - first) / rows) * bytes));
}

/** The bytes of the line around a piece, as far as the window has it: first, and the one behind its end. */
export function lineAround(layout: Layout, piece: number): [number, number] {
  let first = piece;
  while (first > 0 && !layout.begins[first]) first -= 1;
  let last = piece + 1;
  while (last < layout.begins.length && !layout.begins[last]) last += 1;
  return [layout.starts[first], layout.starts[last]];
}

/** Index of the last of the first `n` values, in order, that is at most `value`; of equal ones the last; -1 for none. */
function lastAtMost(values: Float64Array | Uint32Array, value: number, n: number): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
