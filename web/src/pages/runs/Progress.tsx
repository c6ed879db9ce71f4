import { useQuery } from "@tanstack/react-query";
import type { WorkflowItem } from "@/api/schema";
import { areaPath, sums } from "@/draw/spark";
import { courseQuery } from "@/pages/runs/queries";
import css from "@/pages/runs/runs.module.css";
import { StateBar } from "@/ui/StateBar";
import { useSettled } from "@/ui/table/settled";
import { count, percent } from "@/words/format";

/** Jobs of a run and of all below it, by state. */
export function Progress({ run }: { run: WorkflowItem }) {
  const total = run.forest_total ?? 0;
  const done = run.forest_done ?? 0;
  if (total === 0) return <span className="muted">no jobs known</span>;
  return (
    <span className={css.progress}>
      <StateBar parts={partsOf(run)} total={total} />
      <span className="number">
        {count(done)} / {count(total)} <span className="muted">{percent(done / total)}</span>
      </span>
    </span>
  );
}

/** Counts of a run's row in the parts of a bar. */
export function partsOf(run: WorkflowItem): [state: string, n: number][] {
  const [total, done, queued, failed, futile] = [
    run.forest_total ?? 0,
    run.forest_done ?? 0,
    run.forest_queued ?? 0,
    run.forest_failed ?? 0,
    run.forest_futile ?? 0,
  ];
  return [
    ["done", done],
    ["queued", queued],
    ["unready", Math.max(0, total - done - queued - failed - futile)],
    ["futile", futile],
    ["failed", failed],
  ];
}

const WIDTH = 96;
const HEIGHT = 26;

/** How the work went on: jobs done and failed over the time of the run. Asked for when the list stands still. */
export function Course({ run }: { run: WorkflowItem }) {
  const settled = useSettled();
  const known = run.started_ts !== null && (run.forest_total ?? 0) > 0;
  const { data } = useQuery({ ...courseQuery(run.wf_uuid ?? "", run.state ?? ""), enabled: settled && known });
  if (!data) return <span className={css.spark} />;
  const done = sums(data.done);
  const failed = sums(data.failed);
  const words = `${count(done.at(-1) ?? 0)} of ${count(data.total)} jobs done over its time, ${count(failed.at(-1) ?? 0)} failed`;
  return (
    <svg
      className={css.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={words}
      preserveAspectRatio="none"
    >
      <title>{words}</title>
      <path
        d={areaPath(
          done.map((n, i) => n + failed[i]),
          data.total,
          WIDTH,
          HEIGHT,
        )}
        className={css.failed}
      />
      <path d={areaPath(done, data.total, WIDTH, HEIGHT)} className={css.done} />
    </svg>
  );
}
