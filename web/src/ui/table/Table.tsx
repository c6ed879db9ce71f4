import { type CSSProperties, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Failed, Loading } from "@/ui/Said";
import { type Column, leastPx } from "@/ui/table/columns";
import { Foot } from "@/ui/table/Foot";
import { Head } from "@/ui/table/Head";
import type { Question } from "@/ui/table/question";
import { Row } from "@/ui/table/Row";
import { Settled } from "@/ui/table/settled";
import css from "@/ui/table/table.module.css";
import { useColumns } from "@/ui/table/useColumns";
import type { Freshness } from "@/ui/table/useFresh";
import { usePhone } from "@/ui/table/usePhone";
import { usePlace } from "@/ui/table/usePlace";
import { useWalk } from "@/ui/table/useWalk";
import { type Unfolded, useWindow } from "@/ui/table/useWindow";

/** A part of a row that opens below it. */
export interface Detail<T> {
  heightPx: (item: T) => number;
  render: (item: T) => ReactNode;
  has: (item: T) => boolean;
}

export interface TableProps<T> {
  /** What the list is of: "Runs". */
  name: string;
  question: Question;
  sort: string;
  onSort: (sort: string) => void;
  columns: readonly Column<T>[];
  shown: readonly string[];
  fresh: Freshness<T>;
  /** A short column, by which the way to far rows is found. */
  shortest: string;
  rowPx: { wide: number; phone: number };
  onOpen: (item: T) => void;
  detail?: Detail<T>;
  /** Rows whose keys are marked, and what `x` does with one. */
  marked?: ReadonlySet<string>;
  onMark?: (item: T) => void;
  /** Told which rows are in view, when the list stands still. */
  onView?: (items: readonly T[]) => void;
  /** What is said when there is nothing. */
  empty: ReactNode;
}

const FOLDED: Unfolded = new Map();

/**
 * A list of any length: only what is in view is drawn, and asked of the service. It is walked with the keyboard, stays
 * still while live data come, and on a phone its rows are cards.
 */
export function Table<T>(props: TableProps<T>) {
  const { question, columns, shown, fresh, detail, onMark, onView } = props;
  const phone = usePhone();
  const rowPx = phone ? props.rowPx.phone : props.rowPx.wide;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [unfolded, setUnfolded] = useState(FOLDED);
  const id = useId();
  const asked = { question, shortest: props.shortest, rowPx, fresh, unfolded };
  const { pages, grid, drawn, rows, settled, news, view } = useWindow<T>(scroller, asked);
  const { groups, byPlace, tracks } = useColumns(columns, shown, rows, props.sort, props.onSort);
  usePlace(pages.generation, pages.count > 0, scroller, active, (row) => {
    setActive(row);
    setUnfolded(FOLDED);
  });

  useEffect(() => {
    if (view.length > 0) onView?.(view);
  }, [view, onView]);

  const fold = (row: number, item: T) => {
    if (!detail?.has(item)) return;
    setUnfolded((old) => {
      const next = new Map(old);
      if (!next.delete(row)) next.set(row, detail.heightPx(item));
      return next;
    });
  };
  const act = (what: (item: T) => void) => () => {
    const item = byPlace.get(active)?.original.item;
    if (item !== undefined) what(item);
  };
  const onKeyDown = useWalk({
    active,
    count: pages.count,
    screen: () => Math.floor((scroller.current?.clientHeight ?? 0) / rowPx),
    goTo: (row) => {
      setActive(row);
      grid.scrollToIndex(row, { align: "auto" });
    },
    open: act(props.onOpen),
    unfold: detail && act((item) => fold(active, item)),
    mark: onMark && act(onMark),
  });

  if (pages.count === 0) return <Nothing {...pages} name={props.name} empty={props.empty} />;
  return (
    <Settled.Provider value={settled}>
      <div className={css.frame}>
        <News n={news} onShow={pages.reset} />
        {/* biome-ignore lint/a11y/useSemanticElements: of a table of which most rows are not there, a grid is told its size */}
        <div
          ref={scroller}
          className={css.scroller}
          role="grid"
          aria-label={props.name}
          aria-rowcount={pages.total === undefined ? -1 : pages.total + 1}
          aria-colcount={tracks.length}
          aria-activedescendant={byPlace.has(active) ? `${id}r${active}` : undefined}
          tabIndex={0}
          data-phone={phone || undefined}
          style={styleOf(tracks, rowPx)}
          onKeyDown={onKeyDown}
        >
          <Head groups={groups} />
          {/* biome-ignore lint/a11y/useSemanticElements: as above */}
          <div className={css.body} role="rowgroup" ref={grid.containerRef}>
            {drawn.map((one) => {
              const row = byPlace.get(one.index);
              const item = row?.original.item;
              return (
                <Row
                  key={one.key}
                  id={`${id}r${one.index}`}
                  at={one.index}
                  row={row}
                  item={item}
                  shown={shown}
                  columns={columns}
                  measure={grid.measureElement}
                  active={one.index === active}
                  marked={item !== undefined && (props.marked?.has(fresh.keyOf(item)) ?? false)}
                  unfolded={unfolded.has(one.index)}
                  detail={detail}
                  onFold={fold}
                  onActive={setActive}
                />
              );
            })}
          </div>
        </div>
        <Foot
          first={grid.range?.startIndex ?? 0}
          last={grid.range?.endIndex ?? 0}
          count={pages.count}
          total={pages.total}
          waiting={rows.length < drawn.length}
          error={pages.error}
          sort={props.sort}
          onSort={props.onSort}
        />
      </div>
    </Settled.Provider>
  );
}

function styleOf(tracks: readonly string[], rowPx: number): CSSProperties {
  return { "--tracks": tracks.join(" "), "--least": `${leastPx(tracks)}px`, "--row": `${rowPx}px` } as CSSProperties;
}

/** Rows that came since the list was asked: they are put in when one wants them. */
function News({ n, onShow }: { n: number; onShow: () => void }) {
  return (
    <div role="status" className={css.news}>
      {n > 0 && (
        <button type="button" onClick={onShow}>
          {n >= 100 ? "100 or more" : n} new, show
        </button>
      )}
    </div>
  );
}

/** What stands in place of a list without rows. */
function Nothing(props: {
  name: string;
  error: Error | null;
  isPending: boolean;
  reset: () => void;
  empty: ReactNode;
}) {
  if (props.error) return <Failed error={props.error} again={props.reset} />;
  return props.isPending ? <Loading what={props.name} lines={8} /> : props.empty;
}
