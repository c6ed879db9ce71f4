import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { durationMarks, type Mark } from "@/draw/charts/scale";
import type { ChartProps } from "@/pages/charts";
import { Axis, Lines } from "@/pages/charts/Axis";
import { chartQuery, svgOf } from "@/pages/charts/queries";
import css from "@/pages/charts/Rows.module.css";
import { type Kind, type RuntimesData, readRuntimes, SHAPE_WIDTH, shapeOf } from "@/pages/charts/runtimesData";
import { Chart } from "@/ui/chart/Chart";
import type { Column } from "@/ui/chart/columns";
import { jobsWith } from "@/ui/chart/jobsSearch";
import { Empty, Failed, Loading } from "@/ui/Said";
import { clean, count, duration, plural } from "@/words/format";

/** Rows that are shown until one asks for all. */
const FIRST = 12;
const HEIGHT = 28;

/** How long tries of each transformation ran, and which jobs lie far outside. */
export function Runtimes({ uuid, search, asTable, onTable }: ChartProps) {
  const asked = useQuery(chartQuery(uuid, "runtimes", search));
  const data = useMemo(() => asked.data && readRuntimes(asked.data), [asked.data]);
  return (
    <Chart
      id="runtimes"
      title="Run times by transformation"
      says={
        <>
          How long tries that went well were on a machine, in the whole run, on an axis of logarithms: the shape is the
          distribution, the box holds the middle half, the thick line is the median, whiskers reach from 5 to 95 %.
          {data && ` ${outsideWords(data)}`}
        </>
      }
      data={data && { columns: COLUMNS, rows: data.kinds }}
      asTable={asTable}
      onTable={onTable}
      svg={svgOf(uuid, "runtimes", {})}
      command={`stampede plot runtimes ${uuid} -o runtimes.svg`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !data ? (
        <Loading what="run times" lines={8} />
      ) : data.kinds.length === 0 ? (
        <Empty title="No try has ended well yet">Run times show up as soon as one does.</Empty>
      ) : (
        <Picture data={data} uuid={uuid} />
      )}
    </Chart>
  );
}

function Picture({ data, uuid }: { data: RuntimesData; uuid: string }) {
  const [all, setAll] = useState(false);
  const marks = durationMarks(data.axis);
  const shown = all ? data.kinds : data.kinds.slice(0, FIRST);
  return (
    <>
      <div className={css.rows}>
        <div className={`${css.row} ${css.heads}`}>
          <span>transformation</span>
          <Axis marks={marks} />
          <span className={css.end}>median · tries</span>
        </div>
        {shown.map((kind) => (
          <div key={kind.name} className={css.row}>
            <Link
              to="/workflows/$uuid/jobs"
              params={{ uuid }}
              search={jobsWith("transformation", kind.name)}
              className={css.name}
            >
              {clean(kind.name)}
            </Link>
            <Strip kind={kind} data={data} marks={marks} uuid={uuid} />
            <span className={css.end}>
              {duration(kind.p50)} · {count(kind.tries)}
            </span>
          </div>
        ))}
      </div>
      {data.kinds.length > FIRST && (
        <button type="button" className="button" onClick={() => setAll(!all)} style={{ justifySelf: "start" }}>
          {all ? `Only the first ${FIRST}` : `All ${data.kinds.length}`}
        </button>
      )}
      {data.leftOut > 0 && (
        <p className="muted">{plural(data.leftOut, "more transformation")} took less time in all.</p>
      )}
    </>
  );
}

function Strip({ kind, data, marks, uuid }: { kind: Kind; data: RuntimesData; marks: Mark[]; uuid: string }) {
  const shape = useMemo(() => shapeOf(kind, data.axis, HEIGHT - 2), [kind, data.axis]);
  const x = (seconds: number) => `${data.axis.at(seconds) * 100}%`;
  const width = (from: number, to: number) => `${(data.axis.at(to) - data.axis.at(from)) * 100}%`;
  const middle = HEIGHT / 2;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture that holds links is no set of fields
    <svg className={css.strip} role="group" aria-label={wordsOf(kind)}>
      <Lines marks={marks} height={HEIGHT} />
      <svg
        aria-hidden="true"
        width="100%"
        height={HEIGHT - 2}
        y={1}
        viewBox={`0 0 ${SHAPE_WIDTH} ${HEIGHT - 2}`}
        preserveAspectRatio="none"
      >
        <path className={css.violin} d={shape} />
      </svg>
      <line className={css.whisker} x1={x(kind.p5)} x2={x(kind.p25)} y1={middle} y2={middle} />
      <line className={css.whisker} x1={x(kind.p75)} x2={x(kind.p95)} y1={middle} y2={middle} />
      <rect className={css.box} x={x(kind.p25)} width={width(kind.p25, kind.p75)} y={middle - 6} height={12} rx={2} />
      <line className={css.median} x1={x(kind.p50)} x2={x(kind.p50)} y1={middle - 8} y2={middle + 8} />
      {kind.outside.map(({ job, host, seconds }) => (
        <Link
          key={job}
          to="/workflows/$uuid/jobs/$name"
          params={{ uuid, name: job }}
          aria-label={farWords(job, seconds)}
        >
          <title>{`${clean(job)}\n${duration(seconds)}${host ? ` on ${clean(host)}` : ""}`}</title>
          <circle className={css.dot} cx={x(seconds)} cy={middle} r={4} />
        </Link>
      ))}
    </svg>
  );
}

function farWords(job: string, seconds: number): string {
  return `Job ${clean(job)}, ${duration(seconds)}`;
}

function wordsOf(kind: Kind): string {
  return `${clean(kind.name)}: median ${duration(kind.p50)}, half between ${duration(kind.p25)} and ${duration(kind.p75)}, of ${plural(kind.tries, "try", "tries")}`;
}

function outsideWords(data: RuntimesData): string {
  const sum = data.kinds.reduce((all, kind) => all + kind.slower + kind.faster, 0);
  return sum > 0 ? `Rings are jobs far outside of the others (${count(sum)} in all); each leads to its page.` : "";
}

const seconds = (key: "p5" | "p25" | "p50" | "p75" | "p95" | "p99" | "mean", head: string): Column<Kind> => ({
  key,
  head,
  number: true,
  of: (kind) => Number(kind[key].toPrecision(4)),
  show: (kind) => duration(kind[key]),
});

const COLUMNS: Column<Kind>[] = [
  { key: "name", head: "transformation", of: (kind) => clean(kind.name) },
  { key: "tries", head: "tries", number: true, of: (kind) => kind.tries, show: (kind) => count(kind.tries) },
  seconds("mean", "mean"),
  seconds("p5", "5 %"),
  seconds("p25", "25 %"),
  seconds("p50", "median"),
  seconds("p75", "75 %"),
  seconds("p95", "95 %"),
  seconds("p99", "99 %"),
  { key: "faster", head: "far faster", number: true, of: (kind) => kind.faster },
  { key: "slower", head: "far slower", number: true, of: (kind) => kind.slower },
];
