import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { paintAxes } from "@/draw/charts/frame";
import { countMarks, nice, timeMarks } from "@/draw/charts/scale";
import { type Box, highest, paintStack, stacked } from "@/draw/charts/stack";
import type { ChartProps } from "@/pages/charts";
import { fillOf, type JobsData, layersOf, readJobs, saysOf } from "@/pages/charts/jobsData";
import { Legend } from "@/pages/charts/Legend";
import { chartQuery, svgOf } from "@/pages/charts/queries";
import { isoOf, timeOptions } from "@/pages/charts/search";
import { Chart } from "@/ui/chart/Chart";
import type { Column } from "@/ui/chart/columns";
import { ink, TimeCanvas } from "@/ui/chart/TimeCanvas";
import { Empty, Failed, Loading } from "@/ui/Said";
import { count, exactly, moment } from "@/words/format";

/** How many jobs were in which state, over time. */
export function Jobs({ uuid, search, change, asTable, onTable }: ChartProps) {
  const asked = useQuery(chartQuery(uuid, "jobs", search));
  const data = useMemo(() => asked.data && readJobs(asked.data), [asked.data]);
  const active = search.jobs === "active";
  return (
    <Chart
      id="jobs"
      title="Jobs over time"
      says={
        <>
          {data ? saysOf(data) : "How many jobs were in which state."} Drag across it to look at a part of time, which
          failures and hosts follow too.
        </>
      }
      data={data && { columns: columnsOf(data), rows: Array.from({ length: data.bins }, (_, i) => i) }}
      asTable={asTable}
      onTable={onTable}
      svg={svgOf(uuid, "jobs", search)}
      command={`stampede plot jobs ${uuid}${timeOptions(search)} -o jobs.svg`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !data ? (
        <Loading what="jobs over time" lines={6} />
      ) : data.total === 0 ? (
        <Empty title="No jobs are known yet">They show up here as soon as the plan has been read.</Empty>
      ) : (
        <>
          <fieldset className="row" style={{ border: 0, padding: 0, margin: 0 }}>
            <legend className="visually-hidden">Which jobs</legend>
            {(["all", "active"] as const).map((which) => (
              <button
                key={which}
                type="button"
                className="button"
                aria-pressed={active === (which === "active")}
                onClick={() => change({ jobs: which === "active" ? "active" : undefined })}
              >
                {which === "active" ? "Only those under way" : "All jobs"}
              </button>
            ))}
          </fieldset>
          <Picture
            data={data}
            active={active}
            onChoose={(from, to) => change({ since: isoOf(data.at(from)), until: isoOf(data.at(to)) })}
          />
        </>
      )}
    </Chart>
  );
}

function Picture({
  data,
  active,
  onChoose,
}: {
  data: JobsData;
  active: boolean;
  onChoose: (from: number, to: number) => void;
}) {
  const layers = useMemo(() => layersOf(data, active), [data, active]);
  const paint = useCallback(
    (ctx: CanvasRenderingContext2D, box: Box) => {
      const tops = stacked(
        layers.map((layer) => layer.values),
        data.bins,
      );
      const { end, step } = nice(active ? Math.max(1, highest(tops)) : data.total);
      paintStack(ctx, tops, box, active ? end : data.total, layers.map(fillOf(ctx)));
      const scale = active ? 1 : end / data.total;
      const marks = countMarks(end, step).map((mark) => ({ ...mark, at: mark.at * scale }));
      paintAxes(
        ctx,
        box,
        marks.filter(({ at }) => at <= 1.0001),
        timeMarks(data.startTs, data.endTs, box.width / 90),
        ink(),
      );
    },
    [data, layers, active],
  );
  return (
    <>
      <TimeCanvas
        label={`${saysOf(data)} The button Table shows the numbers.`}
        bins={data.bins}
        height={260}
        paint={paint}
        onChoose={onChoose}
        wordsAt={(bin) => (
          <table>
            <caption>{exactly(data.tsOf(bin))}</caption>
            <tbody>
              {layers.toReversed().map(({ word, values }) => (
                <tr key={word}>
                  <th scope="row">{word}</th>
                  <td className="number">{count(Math.round(values[bin] * 10) / 10)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      />
      <Legend keys={layers} />
    </>
  );
}

function columnsOf(data: JobsData): Column<number>[] {
  const time: Column<number> = {
    key: "time",
    head: "from",
    of: (bin) => isoOf(data.tsOf(bin)),
    show: (bin) => moment(data.tsOf(bin)),
  };
  const states = layersOf(data, false).map(
    ({ name, word, values }): Column<number> => ({
      key: name,
      head: word,
      number: true,
      of: (bin) => Math.round(values[bin] * 10) / 10,
    }),
  );
  return [time, ...states];
}
