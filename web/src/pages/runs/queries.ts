import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";

// all of them read every run, or many jobs: their topics are those that are asked anew less often

/** Runs by state, label, user and host; `sinceTs`: also what changed since then. */
export const totalsQuery = (sinceTs: number) =>
  queryOptions({
    queryKey: ["judgement", "totals", sinceTs] as const,
    queryFn: ({ signal }) => ask("/api/v1/totals", { query: { since: sinceTs }, signal }),
    placeholderData: keepPreviousData,
  });

/** How the runs of each label went. */
export const labelsQuery = () =>
  queryOptions({
    queryKey: ["judgement", "labels"] as const,
    queryFn: ({ signal }) => ask("/api/v1/labels", { query: { limit: 300 }, signal }),
  });

/** What became of a label from run to run. */
export const trendQuery = (label: string) =>
  queryOptions({
    queryKey: ["judgement", "trend", label] as const,
    queryFn: ({ signal }) => ask("/api/v1/labels/trend", { query: { label, runs: 60 }, signal }),
    placeholderData: keepPreviousData,
  });

/** Jobs done and failed by when, in few steps; of a run that is over it stays. */
export const courseQuery = (uuid: string, state: string, steps = 30) =>
  queryOptions({
    queryKey: [state === "running" ? "picture" : "fixed", "course", uuid, state, steps] as const,
    queryFn: ({ signal }) => ask("/api/v1/workflows/{uuid}/course", { in: { uuid }, query: { steps }, signal }),
    staleTime: 10_000,
  });
