import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Mark, ratioMarks } from "@/draw/charts/scale";
import type { ChartProps } from "@/pages/charts";
import { Axis, Lines } from "@/pages/charts/Axis";
import { Bar } from "@/pages/charts/Bar";
import { type HostRow, type HostsData, readHosts } from "@/pages/charts/hostsData";
import { chartQuery, hostAnomaliesQuery, svgOf } from "@/pages/charts/queries";
import css from "@/pages/charts/Rows.module.css";
import { timeOptions } from "@/pages/charts/search";
import { Chart } from "@/ui/chart/Chart";
import type { Column } from "@/ui/chart/columns";
import { jobsWith } from "@/ui/chart/jobsSearch";
import { Empty, Failed, Loading } from "@/ui/Said";
import { clean, count, duration, percent, plural } from "@/words/format";

const FIRST = 12;
const HEIGHT = 22;

/** The machines of a run side by side: tries, failures, how quick they are, what they wasted. */
export function Hosts({ uuid, search, asTable, onTable }: ChartProps) {
  const asked = useQuery(chartQuery(uuid, "hosts", search));
  const anomalies = useQuery(hostAnomaliesQuery(uuid));
  const data = useMemo(() => asked.data && readHosts(asked.data, anomalies.data ?? []), [asked.data, anomalies.data]);
  return (
    <Chart
      id="hosts"
      title="Hosts side by side"
      says={
        <>
          {data && `Tries ended on ${plural(data.inAll, "host")} in this time. `}A host is held against the others by
          the same transformations: at 2× half of its tries took more than twice the median elsewhere; the line holds
          the middle half.
        </>
      }
      data={data && { columns: COLUMNS, rows: data.rows }}
      asTable={asTable}
      onTable={onTable}
      svg={svgOf(uuid, "hosts", search)}
      command={`stampede plot hosts ${uuid}${timeOptions(search)} -o hosts.svg`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !data ? (
        <Loading what="hosts" lines={6} />
      ) : data.rows.length === 0 ? (
        <Empty title="No try has ended on a machine in this time" />
      ) : (
        <Picture data={data} uuid={uuid} />
      )}
    </Chart>
  );
}

function Picture({ data, uuid }: { data: HostsData; uuid: string }) {
  const [all, setAll] = useState(false);
  const marks = ratioMarks(data.axis);
  const most = Math.max(...data.rows.map((row) => row.tries));
  const shown = all ? data.rows : data.rows.slice(0, FIRST);
  return (
    <>
      <div className={css.rows}>
        <div className={`${css.row} ${css.heads}`} data-wide>
          <span>host</span>
          <span>tries, hatched: failed</span>
          <Axis marks={marks} />
          <span>time on it, hatched: of failed tries</span>
        </div>
        {shown.map((row) => (
          <Row key={row.host} row={row} most={most} data={data} marks={marks} uuid={uuid} />
        ))}
      </div>
      {data.rows.length > FIRST && (
        <button type="button" className="button" onClick={() => setAll(!all)} style={{ justifySelf: "start" }}>
          {all ? `Only the first ${FIRST}` : `All ${data.rows.length}`}
        </button>
      )}
      {data.inAll > data.rows.length && (
        <p className="muted">
          {count(data.inAll - data.rows.length)} more hosts had fewer tries and failures than these.
        </p>
      )}
    </>
  );
}

function Row({
  row,
  most,
  data,
  marks,
  uuid,
}: {
  row: HostRow;
  most: number;
  data: HostsData;
  marks: Mark[];
  uuid: string;
}) {
  const x = (ratio: number) => `${data.axis.at(ratio) * 100}%`;
  const words = row.compared > 0 ? `${row.relative.toFixed(2)} times the median of others` : "nothing to compare";
  return (
    <div className={css.row} data-wide>
      <span>
        <Link to="/workflows/$uuid/jobs" params={{ uuid }} search={jobsWith("hostname", row.host)} className={css.name}>
          {clean(row.host)}
        </Link>
        {row.reasons.slice(0, 1).map((reason) => (
          <span key={reason} className={css.mark} title={clean(row.reasons.join("\n"))}>
            <br />⚠ {clean(reason)}
          </span>
        ))}
      </span>
      <span className={css.measured}>
        <Bar
          most={most}
          label={`${plural(row.tries, "try", "tries")}, ${count(row.failed)} failed`}
          parts={[
            { word: "well", value: row.tries - row.failed, tone: "--done" },
            { word: "failed", value: row.failed, tone: "--fail", hatched: true },
          ]}
        />
        <span>
          {count(row.tries)}
          {row.failed > 0 && `, ${percent(row.failed / row.tries)} ✕`}
        </span>
      </span>
      <svg className={css.strip} style={{ height: HEIGHT }} role="img" aria-label={words}>
        <title>{words}</title>
        <Lines marks={marks} height={HEIGHT} />
        <line className={css.one} x1={x(1)} x2={x(1)} y1={0} y2={HEIGHT} />
        {row.compared > 0 && (
          <>
            <line className={css.whisker} x1={x(row.p25)} x2={x(row.p75)} y1={HEIGHT / 2} y2={HEIGHT / 2} />
            <circle
              className={css.ratio}
              cx={x(row.relative)}
              cy={HEIGHT / 2}
              r={4.5}
              data-off={isOff(row) || undefined}
            />
          </>
        )}
      </svg>
      <span className={css.measured}>
        <Bar
          most={row.busy}
          label={`${duration(row.busy)}, of failed tries ${duration(row.wasted)}`}
          parts={[
            { word: "well", value: row.busy - row.wasted, tone: "--run" },
            { word: "failed", value: row.wasted, tone: "--fail", hatched: true },
          ]}
        />
        <span>{duration(row.busy)}</span>
      </span>
    </div>
  );
}

/** Whether half of what it ran lies beyond the median of the others by a quarter. */
function isOff(row: HostRow): boolean {
  return row.relative > 1.25 || row.relative < 0.8;
}

const COLUMNS: Column<HostRow>[] = [
  { key: "host", head: "host", of: (row) => clean(row.host) },
  { key: "tries", head: "tries", number: true, of: (row) => row.tries, show: (row) => count(row.tries) },
  { key: "failed", head: "failed", number: true, of: (row) => row.failed, show: (row) => count(row.failed) },
  {
    key: "relative",
    head: "run time to others",
    number: true,
    of: (row) => (row.compared > 0 ? Number(row.relative.toFixed(3)) : null),
    show: (row) => (row.compared > 0 ? `${row.relative.toFixed(2)}×` : "–"),
  },
  { key: "busy_s", head: "time", number: true, of: (row) => Math.round(row.busy), show: (row) => duration(row.busy) },
  {
    key: "wasted_s",
    head: "of failed tries",
    number: true,
    of: (row) => Math.round(row.wasted),
    show: (row) => duration(row.wasted),
  },
  { key: "reasons", head: "what was found", of: (row) => clean(row.reasons.join("; ")) },
];
