import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { hatch, paintAxes } from "@/draw/charts/frame";
import { countMarks, nice, timeMarks } from "@/draw/charts/scale";
import { type Box, highest, paintStack, stacked } from "@/draw/charts/stack";
import type { ChartProps } from "@/pages/charts";
import { type Cell, type FailuresData, kindsThatFailed, readFailures } from "@/pages/charts/failuresData";
import { Legend } from "@/pages/charts/Legend";
import { chartQuery, svgOf } from "@/pages/charts/queries";
import { isoOf, timeOptions } from "@/pages/charts/search";
import { Chart } from "@/ui/chart/Chart";
import { ink, TimeCanvas } from "@/ui/chart/TimeCanvas";
import { AllWell, Empty, Failed, Loading } from "@/ui/Said";
import { colour } from "@/ui/theme";
import { clean, count, exactly, moment, percent, plural } from "@/words/format";

/** When tries failed, of what, and how they ended. */
export function Failures({ uuid, search, change, asTable, onTable }: ChartProps) {
  const asked = useQuery(chartQuery(uuid, "failures", search));
  const data = useMemo(() => asked.data && readFailures(asked.data), [asked.data]);
  return (
    <Chart<Cell>
      id="failures"
      title="Failures over time"
      says={data ? saysOf(data) : "When tries failed, and how they ended."}
      data={
        data && {
          rows: data.cells,
          columns: [
            { key: "time", head: "from", of: (c) => isoOf(data.tsOf(c.bin)), show: (c) => moment(data.tsOf(c.bin)) },
            { key: "transformation", head: "transformation", of: (c) => clean(data.kinds[c.kind]) },
            { key: "ended", head: "ended", number: true, of: (c) => c.ended },
            { key: "failed", head: "failed", number: true, of: (c) => c.failed },
          ],
        }
      }
      asTable={asTable}
      onTable={onTable}
      svg={svgOf(uuid, "failures", search)}
      command={`stampede plot failures ${uuid}${timeOptions(search)} -o failures.svg`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !data ? (
        <Loading what="failures over time" lines={5} />
      ) : data.ended === 0 ? (
        <Empty title="Nothing has ended in this time" />
      ) : data.failed === 0 ? (
        <AllWell title="No try failed">All {plural(data.ended, "try", "tries")} that ended went well.</AllWell>
      ) : (
        <>
          <Picture
            data={data}
            onChoose={(from, to) => change({ since: isoOf(data.at(from)), until: isoOf(data.at(to)) })}
          />
          <Exits data={data} uuid={uuid} />
        </>
      )}
    </Chart>
  );
}

function Picture({ data, onChoose }: { data: FailuresData; onChoose: (from: number, to: number) => void }) {
  const paint = useCallback(
    (ctx: CanvasRenderingContext2D, box: Box) => {
      const tops = stacked([data.failedIn], data.bins);
      const { end, step } = nice(Math.max(1, highest(tops)), 3);
      paintStack(ctx, tops, box, end, [hatch(ctx, colour("--fail"), colour("--paper"))]);
      paintAxes(ctx, box, countMarks(end, step), timeMarks(data.startTs, data.endTs, box.width / 90), ink());
    },
    [data],
  );
  return (
    <>
      <TimeCanvas
        label={`${saysOf(data)} The button Table shows the numbers.`}
        bins={data.bins}
        height={200}
        paint={paint}
        onChoose={onChoose}
        wordsAt={(bin) => (
          <>
            <strong>
              {count(data.failedIn[bin])} of {count(data.endedIn[bin])} failed
            </strong>
            <div className="muted">{exactly(data.tsOf(bin))}</div>
          </>
        )}
      />
      <Legend keys={[{ word: "tries that failed", tone: "--fail", hatched: true }]} />
    </>
  );
}

/** How failed tries ended, and of which transformations they were. */
function Exits({ data, uuid }: { data: FailuresData; uuid: string }) {
  return (
    <p>
      {data.exits.map(({ exit, failed }) => `${clean(exit)} ${count(failed)}×`).join(", ")}. Most of{" "}
      {kindsThatFailed(data)
        .slice(0, 3)
        .map(({ name, failed, ended }) => `${clean(name)} (${count(failed)} of ${count(ended)})`)
        .join(", ")}
      .{" "}
      <Link to="/workflows/$uuid/triage" params={{ uuid }}>
        Why they failed
      </Link>
    </p>
  );
}

function saysOf(data: FailuresData): string {
  if (data.ended === 0) return "Tries that ended and tries that failed.";
  const rate = percent(data.failed / data.ended);
  return `${count(data.failed)} of ${plural(data.ended, "try", "tries")} that ended in this time failed (${rate}).`;
}
