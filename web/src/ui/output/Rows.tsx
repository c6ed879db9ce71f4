import { memo } from "react";
import { count } from "@/words/format";
import { bytesOf, type Layout, pieceOfRow, spansOfPiece } from "./layout";
import css from "./Output.module.css";
import { decoded, type Span, spansOf, withHits, wrapped } from "./text";

/** Height of a row in px; rows are laid out by counting. The same stands in the style. */
export const ROW_PX = 18;

/** Bytes of a file: the first, and the one behind the last. */
export type Bytes = [from: number, to: number];

interface Props {
  layout: Layout;
  first: number;
  last: number;
  wanted: string;
  current: Bytes | undefined;
  marked: Bytes | undefined;
  /** Whether lines can be counted: the window holds the file from its start on. Else bytes are told. */
  counted: boolean;
  hrefOf: ((byte: number) => string) | undefined;
  onPick: ((piece: number, extend: boolean) => void) | undefined;
}

/** The rows between two numbers, each at its place. */
export function Rows({ layout, first, last, onPick, ...more }: Props) {
  const rows = [];
  for (let row = first; row < last; ) {
    const piece = pieceOfRow(layout, row);
    const top = layout.rows[piece];
    rows.push(<Piece key={layout.starts[piece]} layout={layout} piece={piece} top={top} onPick={onPick} {...more} />);
    row = layout.rows[piece + 1];
  }
  return rows;
}

interface PieceProps extends Omit<Props, "first" | "last"> {
  piece: number;
  top: number;
}

/** A line, or a part of a long one, with its number or its byte. */
const Piece = memo(function Piece(props: PieceProps) {
  const { layout, piece, top, wanted, current, marked, counted, hrefOf, onPick } = props;
  const start = layout.starts[piece];
  const begins = layout.begins[piece] === 1;
  const isMarked = marked !== undefined && start < marked[1] && layout.starts[piece + 1] > marked[0];
  const label = begins ? (counted ? layout.lines[piece] + 1 : start) : undefined;
  const pick = (event: React.MouseEvent) => {
    if (!onPick || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    onPick(piece, event.shiftKey);
  };
  const spans = spansWithCurrent(layout, piece, current) ?? withHits(spansOfPiece(layout, piece), wanted);
  const shown = layout.columns > 0 ? wrapped(spans, layout.columns) : [spans];
  return (
    <div className={css.piece} style={{ top: top * ROW_PX }} data-marked={isMarked || undefined}>
      {hrefOf && label !== undefined ? (
        <a className={css.number} href={hrefOf(start)} tabIndex={-1} onClick={pick} data-byte={start}>
          {count(label)}
        </a>
      ) : (
        <span className={css.number} aria-hidden="true">
          {label === undefined ? "↳" : count(label)}
        </span>
      )}
      <div className={css.text}>
        {shown.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of a piece have nothing else
          <div key={at}>{row.length > 0 ? row.map(spanOf) : " "}</div>
        ))}
      </div>
    </div>
  );
});

function spanOf({ text, look }: Span, at: number) {
  if (look === undefined) return text;
  if (look === "odd") {
    return (
      <span key={at} className={css.odd}>
        {text}
      </span>
    );
  }
  return (
    <mark key={at} data-current={look === "current" || undefined}>
      {text}
    </mark>
  );
}

/** The piece with the bytes of the hit one is at told apart; undefined when it does not lie in this piece. */
function spansWithCurrent(layout: Layout, piece: number, current: Bytes | undefined): Span[] | undefined {
  if (!current) return undefined;
  const start = layout.starts[piece];
  const bytes = bytesOf(layout, piece);
  const from = Math.max(0, current[0] - start);
  const to = Math.min(bytes.length, current[1] - start);
  if (to <= 0 || from >= bytes.length || to <= from) return undefined;
  return spansOfPieceAround(bytes, from, to);
}

function spansOfPieceAround(bytes: Uint8Array, from: number, to: number): Span[] {
  const parts: [Uint8Array, Span["look"]][] = [
    [bytes.subarray(0, from), undefined],
    [bytes.subarray(from, to), "current"],
    [bytes.subarray(to), undefined],
  ];
  return parts.flatMap(([part, look]) => spansOf(decoded(part)).map((span) => (look ? { ...span, look } : span)));
}
