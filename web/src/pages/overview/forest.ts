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
  const below = byParent(trouble ? withAbove(workflows) : workflows);
  const rows: TreeRow[] = [];
  // a stack, not a recursion: chains of sub-workflows may be deep
  const waiting = (below.get(null) ?? []).map((workflow) => ({ workflow, depth: 0 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { workflow, depth } = next;
    const inside = below.get(workflow.wf_uuid) ?? [];
    const isFolded = folded.has(workflow.wf_uuid);
    rows.push({ workflow, depth, children: inside.length, folded: isFolded });
    const shown = isFolded ? [] : inside.toReversed();
    waiting.push(...shown.map((one) => ({ workflow: one, depth: depth + 1 })));
  }
  return rows;
}

/** Workflows by the uuid of the one above; those whose parent is not among them by null. */
function byParent(workflows: readonly WorkflowStatus[]): Map<string | null, WorkflowStatus[]> {
  const known = new Set(workflows.map((w) => w.wf_uuid));
  const below = new Map<string | null, WorkflowStatus[]>();
  for (const one of workflows) {
    const above = one.parent_wf_uuid && known.has(one.parent_wf_uuid) ? one.parent_wf_uuid : null;
    const there = below.get(above);
    if (there) there.push(one);
    else below.set(above, [one]);
  }
  return below;
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
