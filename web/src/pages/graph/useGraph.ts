import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { WorkflowStatus } from "@/api/schema";
import { dataOf, type GraphData, treeOf, withStates } from "@/pages/graph/data";
import { graphQuery, statesQuery } from "@/pages/graph/queries";
import type { GraphSearch, View } from "@/pages/graph/search";
import { useRested } from "@/pages/graph/useRested";

/** Jobs that become known while a page is open make another graph, at most so often. */
const REST_MS = 5000;

/** The graph of a view, kept fresh; `shown` is the view that the data are of while another is on its way. */
export interface Asked {
  data: GraphData | undefined;
  shown: View;
  error: unknown;
  waits: boolean;
  again(): void;
}

/** Ask for a graph. `own` is the workflow, `all` are it and all below it. */
export function useGraph(
  uuid: string,
  view: View,
  search: GraphSearch,
  own: WorkflowStatus,
  all: readonly WorkflowStatus[],
): Asked {
  const jobs = useRested(own.nodes.total, REST_MS);
  const changes = useRef(false);
  changes.current ||= own.state === "running";
  const graph = useQuery(graphQuery(uuid, view, search, jobs));
  const states = useQuery(statesQuery(uuid, view, jobs, changes.current));
  const below = useStable(all.filter((one) => one.parent_wf_uuid === uuid));
  const told = graph.data;
  const plain = useMemo(() => told && dataOf(told.picture, below, told.view), [told, below]);
  const tree = useMemo(() => (view === "workflows" ? treeOf(all) : undefined), [view, all]);
  const later =
    states.data?.view === told?.view && states.dataUpdatedAt > graph.dataUpdatedAt ? states.data : undefined;
  const fresh = useMemo(() => plain && (later ? withStates(plain, later.picture) : plain), [plain, later]);
  return {
    data: tree ?? fresh,
    shown: tree ? "workflows" : (told?.view ?? view),
    error: tree ? undefined : graph.error,
    waits: !tree && (graph.isPlaceholderData || graph.isPending),
    again: () => void graph.refetch(),
  };
}

/** The same list as long as it names the same workflows: their numbers change all the time. */
function useStable(below: WorkflowStatus[]): WorkflowStatus[] {
  const key = below.map((one) => `${one.wf_uuid} ${one.parent_job}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that is read of it
  return useMemo(() => below, [key]);
}
