/** Bytes of a job's output as text that can be shown: nothing in it is obeyed, odd bytes are seen. */

/** A piece of a row: `odd` was written for what cannot be shown as it is, `hit` is what one looks for, `current` where one is. */
export interface Span {
  text: string;
  look?: "odd" | "hit" | "current";
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
const TAB = 8;
const PLAIN = /^[\x20-\x7e]*$/;
// control characters, separators of lines, marks without width, what turns the direction of text, halves of pairs
const ODD =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/u;

/** The text of bytes. What is no UTF-8 becomes U+FFFD. */
export function decoded(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}

/** What is shown of a line without its end, and how many columns it takes. */
export function spansOf(text: string): Span[] {
  if (PLAIN.test(text)) return text ? [{ text }] : [];
  const spans: Span[] = [];
  let plain = "";
  let column = 0;
  for (const c of text) {
    if (ODD.test(c)) {
      if (plain) spans.push({ text: plain });
      plain = "";
      const escaped = escapeOf(c);
      spans.push({ text: escaped, look: "odd" });
      column += escaped.length;
    } else if (c === "\t") {
      const blanks = TAB - (column % TAB);
      plain += " ".repeat(blanks);
      column += blanks;
    } else {
      plain += c;
      column += columnsOf(c);
    }
  }
  if (plain) spans.push({ text: plain });
  return spans;
}

function escapeOf(c: string): string {
  const code = c.codePointAt(0)!;
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

const MARK = /^\p{M}$/u;

/** Columns that a character takes in a font of fixed width: letters of East Asia and pictures take two. */
export function columnsOf(c: string): number {
  const code = c.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (MARK.test(c)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Rows of at most so many columns (2 or more). There is always one, even if nothing stands in it. */
export function wrapped(spans: Span[], columns: number): Span[][] {
  const rows: Span[][] = [[]];
  let left = columns;
  for (const span of spans) {
    let rest = span.text;
    while (rest) {
      const taken = fitting(rest, left);
      if (taken > 0) rows.at(-1)!.push({ ...span, text: rest.slice(0, taken) });
      left -= widthOf(rest.slice(0, taken));
      rest = rest.slice(taken);
      if (rest) {
        rows.push([]);
        left = columns;
      }
    }
  }
  return rows;
}

function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const c of text) width += columnsOf(c);
  return width;
}

/** How many units of a text fit into so many columns; at least one character when a whole row is free. */
function fitting(text: string, columns: number): number {
  if (PLAIN.test(text)) return Math.min(text.length, columns);
  let units = 0;
  let width = 0;
  for (const c of text) {
    width += columnsOf(c);
    if (width > columns && (units > 0 || columns < 2)) break;
    units += c.length;
  }
  return units;
}

/** The same spans with what one looks for (letters of ASCII in upper or lower case) told apart. */
export function withHits(spans: Span[], wanted: string): Span[] {
  if (!wanted) return spans;
  const needle = small(wanted);
  return spans.flatMap((span) => {
    if (span.look) return [span];
    const found: Span[] = [];
    const text = small(span.text);
    let at = 0;
    for (let hit = text.indexOf(needle); hit >= 0; hit = text.indexOf(needle, at)) {
      if (hit > at) found.push({ text: span.text.slice(at, hit) });
      found.push({ text: span.text.slice(hit, hit + needle.length), look: "hit" });
      at = hit + needle.length;
    }
    if (at < span.text.length) found.push({ text: span.text.slice(at) });
    return found;
  });
}

function small(text: string): string {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}
