import type { ReactNode } from "react";
import { Command } from "@/ui/Copy";
import { type Column, csvOf } from "@/ui/chart/columns";
import { DataTable } from "@/ui/chart/DataTable";
import { save } from "@/ui/chart/save";
import css from "./Chart.module.css";

/** What a chart shows as rows: its text alternative, and what is downloaded. */
export interface Rows<Row> {
  columns: Column<Row>[];
  rows: readonly Row[];
}

/** A chart with its sentence, the same as a table, downloads, and the verb that gives it on the command line. */
export function Chart<Row>({
  id,
  title,
  says,
  data,
  asTable,
  onTable,
  svg,
  command,
  children,
}: {
  id: string;
  title: string;
  /** One sentence: what it shows. */
  says: ReactNode;
  data: Rows<Row> | undefined;
  asTable: boolean;
  onTable: (asTable: boolean) => void;
  svg?: string;
  command: string;
  children: ReactNode;
}) {
  return (
    <section className={css.chart} id={id} aria-labelledby={`${id}-title`}>
      <header className={css.head}>
        <h2 id={`${id}-title`}>{title}</h2>
        <div className={css.tools}>
          <button
            type="button"
            className="button"
            aria-pressed={asTable}
            disabled={!data}
            onClick={() => onTable(!asTable)}
          >
            Table<span className="visually-hidden"> of {title}</span>
          </button>
          {data && (
            <button type="button" className="button" onClick={() => save(`${id}.csv`, csvOf(data.rows, data.columns))}>
              CSV<span className="visually-hidden"> of {title}</span>
            </button>
          )}
          {svg && (
            <a className="button" href={svg} download={`${id}.svg`}>
              SVG<span className="visually-hidden"> of {title}</span>
            </a>
          )}
        </div>
      </header>
      <p className={css.says}>{says}</p>
      {asTable && data ? <DataTable caption={title} columns={data.columns} rows={data.rows} /> : children}
      <footer className={css.foot}>
        <Command line={command} />
      </footer>
    </section>
  );
}
