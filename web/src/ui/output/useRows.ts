import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { byteOfRow, type Layout, layoutOf, rowCount, rowOfByte } from "./layout";
import { ROW_PX } from "./Rows";
import type { Held, OutputReader } from "./reader";

/** Rows that are drawn beyond what is seen, and how near to the edge of the window more is fetched. */
const BEYOND = 12;
const NEAR = 60;
/** Columns that a row has at least, whatever the width. */
const FEWEST_COLUMNS = 20;

interface Seen {
  top: number;
  rows: number;
}

/** What of a file is seen in a scroller, and how to go somewhere. What one looks at stays when bytes come before it. */
export function useRows(reader: OutputReader, held: Held, scroller: RefObject<HTMLElement | null>, wrap: boolean) {
  const columns = useColumns(scroller, wrap);
  const layout = useMemo(() => layoutOf(held, columns), [held, columns]);
  const [seen, setSeen] = useState<Seen>({ top: 0, rows: 40 });
  const [sticks, setSticks] = useState(false);
  const anchor = useRef<{ byte: number; rest: number } | "end">("end");
  const target = useRef<number | undefined>(undefined);

  const look = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const top = Math.floor(box.scrollTop / ROW_PX);
    const rows = Math.ceil(box.clientHeight / ROW_PX) + 1;
    setSeen((old) => (old.top === top && old.rows === rows ? old : { top, rows }));
    return { box, top, rows };
  }, [scroller]);

  const onScroll = useCallback(() => {
    const now = look();
    if (!now) return;
    const { box, top, rows } = now;
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - ROW_PX / 2;
    const follows = atEnd && isLast(held);
    anchor.current = follows ? "end" : { byte: byteOfRow(layout, top), rest: box.scrollTop - top * ROW_PX };
    setSticks(follows);
    if (top < NEAR) void reader.before();
    if (top + rows > rowCount(layout) - NEAR) void reader.after();
  }, [look, layout, held, reader]);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || held.size === undefined) return;
    if (target.current !== undefined && isInside(layout, target.current)) {
      const row = rowOfByte(layout, target.current);
      box.scrollTop = Math.max(0, row * ROW_PX - box.clientHeight / 3);
      target.current = undefined;
    } else if (anchor.current === "end") {
      if (isLast(held)) box.scrollTop = box.scrollHeight;
    } else {
      box.scrollTop = rowOfByte(layout, anchor.current.byte) * ROW_PX + anchor.current.rest;
    }
    onScroll();
  }, [layout, held, scroller, onScroll]);

  /** Show a byte of the file, a third below the upper edge; `end` and what comes behind it. */
  const go = useCallback(
    (where: number | "end") => {
      const box = scroller.current;
      if (where === "end") {
        anchor.current = "end";
        target.current = undefined;
        if (box && isLast(reader.get())) box.scrollTop = box.scrollHeight;
        else void reader.open("end");
        return;
      }
      if (box && reader.get().size !== undefined && isInside(layout, where)) {
        box.scrollTop = Math.max(0, rowOfByte(layout, where) * ROW_PX - box.clientHeight / 3);
        return;
      }
      target.current = where;
      void reader.open(where);
    },
    [layout, reader, scroller],
  );

  useEffect(() => {
    const box = scroller.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Home" && event.key !== "End") return;
      event.preventDefault(); // the browser would go to the edge of the window only
      go(event.key === "Home" ? 0 : "end");
    };
    box?.addEventListener("keydown", onKey);
    return () => box?.removeEventListener("keydown", onKey);
  }, [go, scroller]);

  const first = Math.max(0, seen.top - BEYOND);
  const last = Math.min(rowCount(layout), seen.top + seen.rows + BEYOND);
  const topByte = byteOfRow(layout, seen.top);
  return { layout, first, last, topByte, sticks, onScroll, go };
}

/** Whether the window reaches to the end of the file. */
export function isLast(held: Held): boolean {
  return held.size !== undefined && held.from + held.bytes.length >= held.size;
}

function isInside(layout: Layout, byte: number): boolean {
  const end = layout.starts[layout.starts.length - 1];
  return layout.begins.length > 0 && byte >= layout.starts[0] && (byte < end || layout.bytes.length === 0);
}

/** How many characters a row has room for; 0 where rows are not wrapped. */
function useColumns(scroller: RefObject<HTMLElement | null>, wrap: boolean): number {
  const [columns, setColumns] = useState(0);
  useEffect(() => {
    const box = scroller.current;
    if (!box || !wrap) {
      setColumns(0);
      return undefined;
    }
    const measure = () => setColumns(columnsIn(box));
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => observer.disconnect();
  }, [scroller, wrap]);
  return columns;
}

function columnsIn(box: HTMLElement): number {
  const probe = box.querySelector<HTMLElement>("[data-probe]");
  if (!probe) return 0;
  const perColumn = probe.getBoundingClientRect().width / (probe.textContent?.length || 1);
  const room = box.clientWidth - Number.parseFloat(getComputedStyle(probe).marginLeft);
  return perColumn > 0 ? Math.max(FEWEST_COLUMNS, Math.floor(room / perColumn)) : 0;
}
