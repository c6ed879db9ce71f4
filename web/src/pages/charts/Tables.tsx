import { useQuery } from "@tanstack/react-query";
import { statisticsQuery } from "@/api/queries";
import { type ChartsSearch, TABLES, type TableName } from "@/pages/charts/search";
import { type AnyTable, tableOf, WORDS } from "@/pages/charts/tablesData";
import { Card } from "@/ui/Card";
import { Command } from "@/ui/Copy";
import { csvOf } from "@/ui/chart/columns";
import { DataTable } from "@/ui/chart/DataTable";
import { save } from "@/ui/chart/save";
import { Empty, Failed, Loading } from "@/ui/Said";

/** The tables of `stampede stats`, sorted by any column. */
export function Tables({
  uuid,
  search,
  change,
}: {
  uuid: string;
  search: ChartsSearch;
  change: (change: Partial<ChartsSearch>) => void;
}) {
  const asked = useQuery(statisticsQuery(uuid));
  const name = search.stats ?? TABLES[0];
  const table = asked.data && tableOf(asked.data, name);
  return (
    <Card
      id="tables"
      title="Statistics"
      aside={
        table && (
          <button
            type="button"
            className="button"
            onClick={() => save(`${name}.csv`, csvOf(table.rows, table.columns))}
          >
            CSV<span className="visually-hidden"> of {WORDS[name].word}</span>
          </button>
        )
      }
    >
      <div className="stack">
        <fieldset className="row" style={{ border: 0, padding: 0, margin: 0 }}>
          <legend className="visually-hidden">Which table</legend>
          {TABLES.map((one) => (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={one === name}
              onClick={() => change({ stats: one === TABLES[0] ? undefined : one, sort: undefined })}
            >
              {WORDS[one].word}
            </button>
          ))}
        </fieldset>
        <p className="muted">{WORDS[name].says}</p>
        {asked.error ? (
          <Failed error={asked.error} again={() => void asked.refetch()} />
        ) : !table ? (
          <Loading what="statistics" lines={6} />
        ) : (
          <Shown table={table} name={name} search={search} change={change} />
        )}
        <Command line={`stampede stats ${uuid} --section ${WORDS[name].section}`} />
      </div>
    </Card>
  );
}

function Shown({
  table,
  name,
  search,
  change,
}: {
  table: AnyTable;
  name: TableName;
  search: ChartsSearch;
  change: (change: Partial<ChartsSearch>) => void;
}) {
  if (table.rows.length === 0) return <Empty title="Nothing is known of this yet" />;
  return (
    <DataTable
      key={name}
      caption={WORDS[name].word}
      columns={table.columns}
      rows={table.rows}
      sort={search.sort}
      onSort={(sort) => change({ sort })}
    />
  );
}
