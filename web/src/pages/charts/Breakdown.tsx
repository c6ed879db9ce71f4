import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { statisticsQuery } from "@/api/queries";
import type { Group } from "@/api/schema";
import type { ChartProps } from "@/pages/charts";
import { Bar } from "@/pages/charts/Bar";
import { Legend } from "@/pages/charts/Legend";
import { svgOf } from "@/pages/charts/queries";
import css from "@/pages/charts/Rows.module.css";
import { Chart } from "@/ui/chart/Chart";
import type { Column } from "@/ui/chart/columns";
import { Empty, Failed, Loading } from "@/ui/Said";
import { clean, count, duration, percent, plural } from "@/words/format";

const FIRST = 10;

/** How many tries, and how much time, each transformation took. */
export function Breakdown({ uuid, asTable, onTable }: ChartProps) {
  const asked = useQuery(statisticsQuery(uuid));
  const groups = asked.data?.transformations;
  return (
    <Chart
      id="breakdown"
      title="Breakdown by count and by time"
      says={groups ? saysOf(groups) : "Tries and time of each transformation."}
      data={groups && { columns: COLUMNS, rows: groups }}
      asTable={asTable}
      onTable={onTable}
      svg={svgOf(uuid, "breakdown", {})}
      command={`stampede stats ${uuid} --section efficiency`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !groups ? (
        <Loading what="breakdown" lines={6} />
      ) : groups.length === 0 ? (
        <Empty title="No job has been tried yet" />
      ) : (
        <Picture groups={groups} />
      )}
    </Chart>
  );
}

function Picture({ groups }: { groups: Group[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? groups : groups.slice(0, FIRST);
  const mostTries = Math.max(...groups.map((g) => g.tries));
  const mostTime = Math.max(...groups.map((g) => g.wall_s));
  return (
    <>
      <div className={css.rows}>
        {shown.map((g) => (
          <div key={g.name} className={css.row} data-narrow>
            <span className={css.name}>{clean(g.name) || "(no name)"}</span>
            <span className={css.lines}>
              <span className={css.measured}>
                <Bar
                  most={mostTries}
                  label={`${plural(g.tries, "try", "tries")}, ${count(g.failed)} failed`}
                  parts={[
                    { word: "well", value: g.tries - g.failed, tone: "--done" },
                    { word: "failed", value: g.failed, tone: "--fail", hatched: true },
                  ]}
                />
                <span>{plural(g.tries, "try", "tries")}</span>
              </span>
              <span className={css.measured}>
                <Bar
                  most={mostTime}
                  label={`${duration(g.wall_s)} of programs, ${duration(g.bad_wall_s)} of them failed`}
                  parts={[
                    { word: "well", value: g.wall_s - g.bad_wall_s, tone: "--run" },
                    { word: "failed", value: g.bad_wall_s, tone: "--fail", hatched: true },
                  ]}
                />
                <span>{duration(g.wall_s)}</span>
              </span>
            </span>
            <span className={css.end}>{g.failed > 0 ? `${percent(g.failed / g.tries)} failed` : ""}</span>
          </div>
        ))}
      </div>
      {groups.length > FIRST && (
        <button type="button" className="button" onClick={() => setAll(!all)} style={{ justifySelf: "start" }}>
          {all ? `Only the first ${FIRST}` : `All ${groups.length}`}
        </button>
      )}
      <Legend
        keys={[
          { word: "tries", tone: "--done" },
          { word: "time", tone: "--run" },
          { word: "of tries that failed", tone: "--fail", hatched: true },
        ]}
      />
    </>
  );
}

function saysOf(groups: Group[]): string {
  const time = groups.reduce((all, g) => all + g.wall_s, 0);
  const first = groups[0];
  if (!first || time <= 0) return "Tries and time of each transformation in the whole run.";
  return `${clean(first.name)} took most time: ${percent(first.wall_s / time)} of ${duration(time)} of programs in the whole run.`;
}

const COLUMNS: Column<Group>[] = [
  { key: "name", head: "transformation", of: (g) => clean(g.name) },
  { key: "tries", head: "tries", number: true, of: (g) => g.tries, show: (g) => count(g.tries) },
  { key: "failed", head: "failed", number: true, of: (g) => g.failed, show: (g) => count(g.failed) },
  { key: "wall_s", head: "time", number: true, of: (g) => Math.round(g.wall_s), show: (g) => duration(g.wall_s) },
  {
    key: "bad_wall_s",
    head: "of failed tries",
    number: true,
    of: (g) => Math.round(g.bad_wall_s),
    show: (g) => duration(g.bad_wall_s),
  },
];
