import type { RefObject } from "react";
import { size as sizeWord } from "@/words/format";
import { rowCount } from "./layout";
import css from "./Output.module.css";
import { type Bytes, ROW_PX, Rows } from "./Rows";
import { type Held, MOST_BYTES } from "./reader";
import type { useRows } from "./useRows";

interface Props {
  box: RefObject<HTMLElement | null>;
  rows: ReturnType<typeof useRows>;
  held: Held;
  wrap: boolean;
  label: string;
  wanted: string;
  current: Bytes | undefined;
  marked: Bytes | undefined;
  hrefOf: ((byte: number) => string) | undefined;
  onPick: ((piece: number, extend: boolean) => void) | undefined;
}

/** The window of a file that scrolls; only rows that are seen are there. */
export function Scroller({ box, rows, held, wrap, label, ...more }: Props) {
  const { layout, first, last, onScroll } = rows;
  const size = held.size ?? 0;
  return (
    <section
      ref={box}
      className={css.scroller}
      data-wrap={wrap || undefined}
      hidden={size === 0}
      onScroll={onScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
      tabIndex={0}
      aria-label={`${label}, ${sizeWord(size)}`}
    >
      <span className={css.probe} data-probe aria-hidden="true">
        0000000000
      </span>
      <div className={css.rows} style={{ height: rowCount(layout) * ROW_PX }}>
        <Rows layout={layout} first={first} last={last} counted={size <= MOST_BYTES && held.from === 0} {...more} />
      </div>
    </section>
  );
}
