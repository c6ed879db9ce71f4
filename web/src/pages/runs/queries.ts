import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";

/** Runs by state, label, user and host; `sinceTs`: also what changed since then. */
export const totalsQuery = (sinceTs: number) =>
  queryOptions({
    queryKey: ["runs", "totals", sinceTs] as const,
    queryFn: ({ signal }) => ask("/api/v1/totals", { query: { since: sinceTs }, signal }),
    placeholderData: keepPreviousData,
  });

/** How the runs of each label went. */
export const labelsQuery = () =>
  queryOptions({
    queryKey: ["runs", "labels"] as const,
    queryFn: ({ signal }) => ask("/api/v1/labels", { query: { limit: 300 }, signal }),
  });

/** What became of a label from run to run. */
export const trendQuery = (label: string) =>
  queryOptions({
    queryKey: ["runs", "trend", label] as const,
    queryFn: ({ signal }) => ask("/api/v1/labels/trend", { query: { label, runs: 60 }, signal }),
    placeholderData: keepPreviousData,
  });

/** Jobs done and failed by when, in few steps. */
export const courseQuery = (uuid: string, steps = 30) =>
  queryOptions({
    queryKey: ["picture", "course", uuid, steps] as const,
    queryFn: ({ signal }) => ask("/api/v1/workflows/{uuid}/course", { in: { uuid }, query: { steps }, signal }),
    staleTime: 10_000,
  });
