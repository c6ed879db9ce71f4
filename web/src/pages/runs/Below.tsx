import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { forestQuery } from "@/api/queries";
import type { WorkflowItem } from "@/api/schema";
import css from "@/pages/runs/runs.module.css";
import { Failed, Loading } from "@/ui/Said";
import { StateBar } from "@/ui/StateBar";
import { StateMark } from "@/ui/StateMark";
import { barOf } from "@/words/counts";
import { clean, count } from "@/words/format";
import { workflowLook } from "@/words/states";

const ROW_PX = 30;
const MOST_SHOWN = 8;
const MOST_LISTED = 200;

/** How tall the list of what is below a run is. */
export function belowPx(run: WorkflowItem): number {
  return Math.min(MOST_SHOWN, Math.max(1, run.below ?? 1)) * ROW_PX + 12;
}

/** The workflows below a run, those in trouble first. */
export function Below({ run }: { run: WorkflowItem }) {
  const { data, error } = useQuery(forestQuery(run.wf_uuid ?? ""));
  if (error) return <Failed error={error} />;
  if (!data) return <Loading what="sub-workflows" lines={2} />;
  const below = data.workflows.slice(1).toSorted((a, b) => b.nodes.failed - a.nodes.failed);
  return (
    <ul className={css.below}>
      {below.slice(0, MOST_LISTED).map((one) => (
        <li key={one.wf_uuid}>
          <Link to="/workflows/$uuid" params={{ uuid: one.wf_uuid }}>
            {clean(one.label ?? one.dag ?? one.wf_uuid)}
          </Link>
          <StateMark look={workflowLook(one.state, one.nodes.failed)} />
          <StateBar parts={barOf(one)} total={one.nodes.total} />
          <span className="number muted">
            {count(one.nodes.done)} / {count(one.nodes.total)}
          </span>
          <span className="muted">job {clean(one.parent_job ?? "–")}</span>
        </li>
      ))}
      {below.length > MOST_LISTED && (
        <li className="muted">and {count(below.length - MOST_LISTED)} more, in the tree of the run</li>
      )}
    </ul>
  );
}
