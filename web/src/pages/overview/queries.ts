/** The questions that only the overview asks. Each card asks its own, so that a slow one holds up nothing else. */

import { queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";

const RUN = "/api/v1/workflows/{uuid}";

/** How fast it gets on, in pieces of its last hour. */
export const throughputQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "throughput", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/throughput`, { in: { uuid }, signal }),
  });

/** What its engine did and said, in the order in which it did. */
export const eventsQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["runs", "events", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/events`, { in: { uuid }, query: { sort: "ts", limit: 500 }, signal }),
  });

/** What could not be taken as it is while it was read. */
export const problemsQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["problems", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/problems`, { in: { uuid }, query: { below: true, limit: 50 }, signal }),
  });

/** What was not as it was before. They belong to the root of a forest. */
export const anomaliesQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "anomalies", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/anomalies`, { in: { uuid }, query: { sort: "-score", limit: 20 }, signal }),
  });

/** What its jobs should ask for. It learns slowly, so that changes of the run do not have it asked anew. */
export const resourcesQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["fixed", "resources", uuid] as const,
    queryFn: ({ signal }) => ask(`${RUN}/advice/resources`, { in: { uuid }, signal }),
    staleTime: 60_000,
  });

/** In which database and folder it lies. */
export const placeQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["fixed", "place", uuid] as const,
    queryFn: ({ signal }) => ask("/api/v1/locate/{uuid}", { in: { uuid }, signal }),
    staleTime: 60_000,
  });
