/** Sub-workflows as the rows of a tree that can be folded: pure, for any number of them. */

import type { WorkflowStatus } from "@/api/schema";

export interface TreeRow {
  workflow: WorkflowStatus;
  depth: number;
  /** Sub-workflows right below it; 0 for a leaf. */
  children: number;
  folded: boolean;
}

/** Whether a workflow, by itself, is one to look at. */
export function isTrouble(one: WorkflowStatus): boolean {
  return one.nodes.failed > 0 || one.held > 0 || !["success", "running", "unstarted"].includes(one.state);
}

/**
 * The rows that are shown, parents first. `folded` are uuids whose sub-workflows are hidden; with `trouble` only those
 * are shown that need a look, and what leads to them.
 */
export function rowsOf(workflows: readonly WorkflowStatus[], folded: ReadonlySet<string>, trouble: boolean): TreeRow[] {
  const shown = trouble ? withAbove(workflows) : workflows;
  const below = new Map<string | null, WorkflowStatus[]>();
  const known = new Set(shown.map((w) => w.wf_uuid));
  for (const one of shown) {
    const above = one.parent_wf_uuid && known.has(one.parent_wf_uuid) ? one.parent_wf_uuid : null;
    const there = below.get(above);
    if (there) there.push(one);
    else below.set(above, [one]);
  }
  const rows: TreeRow[] = [];
  // a stack, not a recursion: chains of sub-workflows may be deep
  const waiting = (below.get(null) ?? []).map((workflow) => ({ workflow, depth: 0 })).reverse();
  while (waiting.length > 0) {
    const { workflow, depth } = waiting.pop()!;
    const inside = below.get(workflow.wf_uuid) ?? [];
    const isFolded = folded.has(workflow.wf_uuid);
    rows.push({ workflow, depth, children: inside.length, folded: isFolded });
    if (!isFolded) for (let i = inside.length - 1; i >= 0; i--) waiting.push({ workflow: inside[i], depth: depth + 1 });
  }
  return rows;
}

function withAbove(workflows: readonly WorkflowStatus[]): WorkflowStatus[] {
  const byUuid = new Map(workflows.map((w) => [w.wf_uuid, w]));
  const kept = new Set<string>();
  for (const one of workflows) {
    if (!isTrouble(one)) continue;
    for (let at: WorkflowStatus | undefined = one; at && !kept.has(at.wf_uuid); ) {
      kept.add(at.wf_uuid);
      at = at.parent_wf_uuid ? byUuid.get(at.parent_wf_uuid) : undefined;
    }
  }
  return workflows.filter((w) => kept.has(w.wf_uuid));
}
