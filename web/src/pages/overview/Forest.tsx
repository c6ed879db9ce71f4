import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { WorkflowStatus } from "@/api/schema";
import { Card } from "@/ui/Card";
import { StateBar } from "@/ui/StateBar";
import { StateMark } from "@/ui/StateMark";
import { Lasts } from "@/ui/When";
import { barOf } from "@/words/counts";
import { clean, count, plural } from "@/words/format";
import { workflowLook } from "@/words/states";
import css from "./Forest.module.css";
import { isTrouble, rowsOf, type TreeRow } from "./forest";

const ROW_PX = 36;
/** A tree is no wider than this many levels; what lies deeper stands below the last one. */
const DEEPEST = 12;

/** Sub-workflows as a tree: how each stands. Thousands of them are as quick as three. */
export function Forest({ uuid, workflows, trouble }: { uuid: string; workflows: WorkflowStatus[]; trouble: boolean }) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const navigate = useNavigate();
  const rows = useMemo(() => rowsOf(workflows, folded, trouble), [workflows, folded, trouble]);
  const bad = useMemo(() => workflows.filter(isTrouble).length, [workflows]);
  const frame = useRef<HTMLUListElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    getItemKey: (i) => rows[i].workflow.wf_uuid,
    overscan: 8,
  });
  const fold = (one: string) => setFolded((old) => toggled(old, one));
  const show = (only: boolean) =>
    void navigate({
      to: "/workflows/$uuid",
      params: { uuid },
      search: only ? { below: "trouble" } : {},
      replace: true,
      resetScroll: false,
    });
  return (
    <Card
      title={plural(workflows.length - 1, "sub-workflow")}
      aside={
        <button type="button" className="button" aria-pressed={trouble} onClick={() => show(!trouble)}>
          only those with trouble ({count(bad)})
        </button>
      }
    >
      {rows.length === 0 ? (
        <p className="muted">None of them needs a look.</p>
      ) : (
        <ul ref={frame} className={css.frame} aria-label="Sub-workflows" style={{ height: heightOf(rows.length) }}>
          <li aria-hidden="true" style={{ height: virtual.getTotalSize() }} />
          {virtual.getVirtualItems().map((item) => (
            <li
              key={item.key}
              className={css.row}
              style={{
                transform: `translateY(${item.start}px)`,
                paddingLeft: 18 * Math.min(rows[item.index].depth, DEEPEST),
              }}
            >
              <Row row={rows[item.index]} onFold={fold} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function heightOf(rows: number): number {
  return Math.min(rows, 12) * ROW_PX;
}

function toggled(old: ReadonlySet<string>, one: string): ReadonlySet<string> {
  const made = new Set(old);
  if (!made.delete(one)) made.add(one);
  return made;
}

function Row({ row, onFold }: { row: TreeRow; onFold: (uuid: string) => void }) {
  const { workflow, children, folded } = row;
  const name = clean(workflow.label ?? workflow.wf_uuid);
  return (
    <>
      {children > 0 ? (
        <button
          type="button"
          className={css.fold}
          aria-expanded={!folded}
          aria-label={`${folded ? "Unfold" : "Fold"} ${name}`}
          onClick={() => onFold(workflow.wf_uuid)}
        >
          <span aria-hidden="true">{folded ? "▸" : "▾"}</span>
        </button>
      ) : (
        <span className={css.leaf} />
      )}
      <Link to="/workflows/$uuid" params={{ uuid: workflow.wf_uuid }} className={css.name} title={name}>
        {name}
      </Link>
      <span className={css.bar}>
        <StateBar parts={barOf(workflow)} total={workflow.nodes.total} />
      </span>
      <span className={css.done}>
        {count(workflow.nodes.done)}/{count(workflow.nodes.total)}
      </span>
      <StateMark look={workflowLook(workflow.state, workflow.nodes.failed)} />
      <span className={css.took}>
        <Lasts since={workflow.started_ts} until={workflow.state === "running" ? undefined : workflow.last_ts} />
      </span>
    </>
  );
}
