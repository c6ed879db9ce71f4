import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { Shown } from "@/ui/table/columns";
import type { Question } from "@/ui/table/question";
import { type Freshness, useFresh } from "@/ui/table/useFresh";
import { usePages } from "@/ui/table/usePages";

/** Rows that are drawn beyond those in view. */
const OVERSCAN = 12;
/** Rows that fly by before it is waited where one stops, and for how long. */
const JUMP = 400;
const STOP_MS = 120;

/** How many px the parts of rows that are unfolded take, by row. */
export type Unfolded = ReadonlyMap<number, number>;

interface Asked<T> {
  question: Question;
  shortest: string;
  rowPx: number;
  fresh: Freshness<T>;
  unfolded: Unfolded;
}

/** The part of a list that is in view: which rows are drawn, and what is known of them. */
export function useWindow<T>(scroller: RefObject<HTMLDivElement | null>, asked: Asked<T>) {
  const { question, rowPx, fresh: how, unfolded } = asked;
  const [range, setRange] = useState({ first: 0, last: 50 });
  const pages = usePages<T>(question, asked.shortest, range, rowPx);
  const grid = useVirtualizer({
    count: pages.count,
    getScrollElement: () => scroller.current,
    estimateSize: (row) => rowPx + (unfolded.get(row) ?? 0),
    overscan: OVERSCAN,
    directDomUpdates: true,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes hang on them
  useEffect(() => grid.measure(), [grid, rowPx, unfolded]);
  const drawn = grid.getVirtualItems();
  const first = drawn[0]?.index ?? 0;
  const last = drawn.at(-1)?.index ?? 50;
  const before = useRef(first);
  useEffect(() => {
    // while one drags the bar, nothing is asked of what flies by
    const wait = Math.abs(first - before.current) > JUMP ? STOP_MS : 0;
    before.current = first;
    const timer = setTimeout(() => setRange({ first, last }), wait);
    return () => clearTimeout(timer);
  }, [first, last]);

  const settled = useStill(!grid.isScrolling);
  const { at } = pages;
  const there = useMemo(() => {
    const found: Shown<T>[] = [];
    for (let row = first; row <= last; row += 1) {
      const item = at(row);
      if (item !== undefined) found.push({ at: row, item });
    }
    return found;
  }, [first, last, at]);
  const view = useMemo(() => (settled ? there.map((row) => row.item) : []), [there, settled]);
  const fresh = useFresh(question, pages, view, how);
  const { count, reset } = pages;
  useEffect(() => {
    // in a list without rows nothing can be moved: what comes is shown
    if (count === 0 && fresh.news > 0) reset();
  }, [count, fresh.news, reset]);
  const rows = useMemo(
    () => there.map((row) => ({ at: row.at, item: fresh.items.get(how.keyOf(row.item)) ?? row.item })),
    [there, fresh.items, how],
  );
  return { pages, grid, drawn, rows, settled, view, news: fresh.news };
}

/** Whether something holds for a moment already. */
function useStill(still: boolean): boolean {
  const [is, setIs] = useState(true);
  useEffect(() => {
    if (!still) {
      setIs(false);
      return undefined;
    }
    const timer = setTimeout(() => setIs(true), 80);
    return () => clearTimeout(timer);
  }, [still]);
  return is;
}
