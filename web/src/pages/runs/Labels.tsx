import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { LabelLine } from "@/api/schema";
import { bars } from "@/draw/spark";
import { labelsQuery } from "@/pages/runs/queries";
import css from "@/pages/runs/runs.module.css";
import { Card } from "@/ui/Card";
import { Failed, Loading } from "@/ui/Said";
import { StateMark } from "@/ui/StateMark";
import { oneOf } from "@/ui/table/question";
import { Ago } from "@/ui/When";
import { clean, count, duration, percent, plural } from "@/words/format";
import { workflowLook } from "@/words/states";

/** Each label with how its runs went, those that ran last first. */
export function Labels() {
  const { data, error, refetch } = useQuery(labelsQuery());
  if (error) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Loading what="labels" lines={8} />;
  return (
    <Card title="Labels" aside={plural(data.labels.length, "label")}>
      <div className={css.wide} tabIndex={-1}>
        <table>
          <thead>
            <tr>
              <th>Label</th>
              <th>Latest run</th>
              <th>Latest runs, oldest first: how long</th>
              <th className="number">Usually</th>
              <th className="number">Runs</th>
              <th className="number">Failed runs</th>
              <th className="number">Failed tries</th>
            </tr>
          </thead>
          <tbody>
            {data.labels.map((line) => (
              <Line key={line.label ?? ""} line={line} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Line({ line }: { line: LabelLine }) {
  const latest = line.recent.at(-1);
  const failed = line.states.failed ?? 0;
  return (
    <tr>
      <td>
        <Link to="/" search={{ where: line.label === null ? "label=null" : oneOf("label", [line.label]) }}>
          {clean(line.label ?? "no label")}
        </Link>
      </td>
      <td className="nowrap">
        {latest && (
          <Link to="/workflows/$uuid" params={{ uuid: latest.wf_uuid }} className={css.latest}>
            <StateMark look={workflowLook(latest.state)} />
            <span className="muted">
              <Ago time={latest.started_ts} />
            </span>
          </Link>
        )}
      </td>
      <td>
        <Recent line={line} />
      </td>
      <td className="number">{duration(line.median_s)}</td>
      <td className="number">{count(line.runs)}</td>
      <td className="number">
        {count(failed)} <span className="muted">{failed > 0 && percent(failed / line.runs)}</span>
      </td>
      <td className="number">
        {count(line.tries_failed)}{" "}
        <span className="muted">{line.tries_failed > 0 && percent(line.tries_failed / line.tries)}</span>
      </td>
    </tr>
  );
}

const STEP = 8;
const HEIGHT = 26;

/** How long the latest runs took; those that failed are hatched and marked below. */
function Recent({ line }: { line: LabelLine }) {
  const took = line.recent.map((run) => run.duration_s ?? undefined);
  const most = Math.max(...took.map((s) => s ?? 0), 0);
  const width = STEP * line.recent.length;
  const failed = line.recent.filter((run) => run.state === "failed").length;
  const words = `${plural(line.recent.length, "run")}, ${failed} failed, up to ${duration(most)}`;
  return (
    <svg className={css.recent} width={width} height={HEIGHT + 5} role="img" aria-label={words}>
      <title>{words}</title>
      {bars(took, most, width, HEIGHT, 2).map((bar, i) => {
        const { state, wf_uuid } = line.recent[i];
        return (
          <g key={wf_uuid} data-state={state}>
            <rect {...bar} />
            {state === "failed" && <path d={`M${bar.x} ${HEIGHT + 1}l4 4m0-4l-4 4`} />}
          </g>
        );
      })}
    </svg>
  );
}
