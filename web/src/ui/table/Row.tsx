import { FlexRender, type Row as GridRow } from "@tanstack/react-table";
import { memo, type ReactNode } from "react";
import type { Column, Features, Shown } from "@/ui/table/columns";
import type { Detail } from "@/ui/table/Table";
import css from "@/ui/table/table.module.css";

interface RowProps<T> {
  id: string;
  at: number;
  /** Undefined while it is on its way. */
  row: GridRow<Features, Shown<T>> | undefined;
  item: T | undefined;
  shown: readonly string[];
  columns: readonly Column<T>[];
  measure: (element: HTMLElement | null) => void;
  active: boolean;
  marked: boolean;
  unfolded: boolean;
  detail: Detail<T> | undefined;
  onFold: (at: number, item: T) => void;
  onActive: (at: number) => void;
}

function Line<T>({ id, at, row, item, measure, active, marked, unfolded, detail, onFold, onActive }: RowProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of a grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and says which row is meant
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys
    <div
      id={id}
      ref={measure}
      data-index={at}
      className={css.row}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={active}
      data-marked={marked || undefined}
      onClick={() => onActive(at)}
    >
      {row && item !== undefined ? (
        <Cells row={row} item={item} unfolded={unfolded} detail={detail} onFold={() => onFold(at, item)} />
      ) : (
        <Coming />
      )}
      {unfolded && detail && item !== undefined && <Under height={detail.heightPx(item)}>{detail.render(item)}</Under>}
    </div>
  );
}

function Cells<T>({
  row,
  item,
  unfolded,
  detail,
  onFold,
}: {
  row: GridRow<Features, Shown<T>>;
  item: T;
  unfolded: boolean;
  detail: Detail<T> | undefined;
  onFold: () => void;
}) {
  const folds = detail?.has(item);
  return (
    <div className={css.cells} role="presentation">
      {row.getVisibleCells().map((cell, place) => {
        const meta = cell.column.columnDef.meta;
        return (
          // biome-ignore lint/a11y/useSemanticElements: a cell of a grid
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={cell.id}
            role="gridcell"
            className={css.cell}
            data-number={meta?.number || undefined}
            data-phone={meta?.phone}
          >
            {place === 0 && detail && (
              <button
                type="button"
                className={css.fold}
                tabIndex={-1}
                aria-label={unfolded ? "Fold" : "Unfold"}
                aria-expanded={unfolded}
                disabled={!folds}
                onClick={onFold}
              >
                {folds ? (unfolded ? "▾" : "▸") : ""}
              </button>
            )}
            <FlexRender cell={cell} />
          </div>
        );
      })}
    </div>
  );
}

/** Where a row will be. */
function Coming() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a cell of a grid
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <span className={css.coming} role="gridcell" aria-label="on its way" />
  );
}

function Under({ height, children }: { height: number; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: what unfolds is a cell over the whole row
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div className={css.under} role="gridcell" style={{ height }}>
      {children}
    </div>
  );
}

/** A row is drawn again only when what it shows is another. */
export const Row = memo(Line, (a, b) => {
  const same = ["id", "at", "item", "shown", "columns", "active", "marked", "unfolded"] as const;
  return same.every((name) => a[name] === b[name]);
}) as typeof Line;
