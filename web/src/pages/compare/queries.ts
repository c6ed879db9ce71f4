/** The questions of this page. */

import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import type { WorkflowItem } from "@/api/schema";

/** What differs between a run and another, or its past. */
export const compareQuery = (uuid: string, against: string | undefined) =>
  queryOptions({
    queryKey: ["judgement", "compare", uuid, against ?? ""] as const,
    queryFn: ({ signal }) => ask("/api/v1/workflows/{uuid}/compare", { in: { uuid }, query: { against }, signal }),
  });

/** Runs of a label, the latest first, without this one and sub-workflows. */
export const sameLabelQuery = (label: string | null | undefined, uuid: string) =>
  queryOptions({
    queryKey: ["runs", "label", label ?? "", uuid] as const,
    enabled: Boolean(label),
    queryFn: async ({ signal }): Promise<WorkflowItem[]> => {
      const query = { label: quoted(label ?? ""), sort: "-started_ts", limit: 200 };
      const page = await ask("/api/v1/workflows", { query, signal });
      return page.items.filter((one) => one.wf_uuid !== uuid && !one.parent_wf_uuid);
    },
  });

/** A value of a filter as a text, whatever it holds. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
