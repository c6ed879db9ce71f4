/** Every question the pages ask, as options of TanStack Query. The first word of a key is its topic: `live/refresh` knows by it what grows old. */

import { keepPreviousData, type QueryClient, type QueryKey, queryOptions } from "@tanstack/react-query";
import { addressOf, ask, askBytes, type Query } from "@/api/ask";
import { COLUMNS, type Picture, readColumns } from "@/api/columns";
import type { Nodes, StatusAnswer, WorkflowStatus } from "@/api/schema";

/** What a change makes old together. `numbers`: what rows of the list of workflows show. `fixed` is what does not change while a page is open. */
export type Topic =
  | "runs"
  | "numbers"
  | "status"
  | "forest"
  | "jobs"
  | "job"
  | "judgement"
  | "problems"
  | "picture"
  | "fixed";

export function topicOf(key: QueryKey): Topic {
  return key[0] as Topic;
}

const RUN = "/api/v1/workflows/{uuid}";

/** One row of the list of workflows: who, where, when. */
export const workflowQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["runs", "one", uuid] as const,
    queryFn: ({ signal }) => ask(RUN, { in: { uuid }, signal }),
  });

/** A workflow by itself, in numbers: the one line of the answer, whatever is below it. */
export const statusQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["status", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/status`, { in: { uuid }, query: { below: false }, signal }),
  });

/** A workflow and all below it, in numbers. The first is the one that was asked for. There may be thousands. */
export const forestQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["forest", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/status`, { in: { uuid }, signal }),
  });

/** What is wrong, and why. */
export const triageQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "triage", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/triage`, { in: { uuid }, signal }),
  });

/** How far, and when it ends. */
export const progressQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "progress", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/progress`, { in: { uuid }, signal }),
  });

/** Whether it will succeed. */
export const forecastQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "forecast", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/forecast`, { in: { uuid }, signal }),
  });

/** What it cost, by transformation, site, host. */
export const statisticsQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "statistics", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/statistics`, { in: { uuid }, signal }),
  });

/** A job with all its tries. */
export const jobQuery = (uuid: string, name: string) =>
  queryOptions({
    queryKey: ["job", uuid, name] as const,
    queryFn: ({ signal }) => ask(`${RUN}/jobs/{name}`, { in: { uuid, name }, signal }),
  });

/** A picture as typed arrays: `gantt`, `graph`, or another path below the workflow. The one before stays until it is there. */
export const pictureQuery = (uuid: string, path: string, query: Query = {}) =>
  queryOptions({
    queryKey: ["picture", uuid, path, query] as const,
    queryFn: async ({ signal }): Promise<Picture> =>
      readColumns(await askBytes(addressOf(`${RUN}/${path}`, { uuid }, query), COLUMNS, signal)),
    placeholderData: keepPreviousData,
    gcTime: 60_000, // they are large
    structuralSharing: false,
  });

/** Put the numbers of a live `summary` where the answers on screen have them. */
export function applySummary(client: QueryClient, data: Record<string, unknown>): void {
  for (const topic of ["status", "forest"] satisfies Topic[]) {
    client.setQueriesData<StatusAnswer>({ queryKey: [topic] }, (old) => {
      const at = old?.workflows.findIndex((w) => w.wf_uuid === data.wf_uuid) ?? -1;
      if (!old || at < 0) return old;
      return { ...old, workflows: old.workflows.with(at, withNumbers(old.workflows[at], data)) };
    });
  }
}

const NODES: readonly (keyof Nodes)[] = [
  "total",
  "done",
  "failed",
  "futile",
  "ready",
  "unready",
  "pre",
  "queued",
  "post",
];

function withNumbers(old: WorkflowStatus, data: Record<string, unknown>): WorkflowStatus {
  const nodes = { ...old.nodes };
  for (const name of NODES) if (typeof data[name] === "number") nodes[name] = data[name];
  return {
    ...old,
    nodes,
    state: typeof data.state === "string" ? data.state : old.state,
    last_ts: typeof data.last_ts === "string" ? data.last_ts : old.last_ts,
    problems: typeof data.problems === "number" ? data.problems : old.problems,
  };
}
