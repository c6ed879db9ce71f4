/** What the page of the graph asks. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { addressOf, askBytes } from "@/api/ask";
import { COLUMNS, type Picture, readColumns } from "@/api/columns";
import type { Topic } from "@/api/queries";
import { type GraphSearch, HOPS, type View } from "@/pages/graph/search";

const RUN = "/api/v1/workflows/{uuid}";
/** Up to so many jobs an answer is cheap enough to be asked anew with every change. */
const FEW = 20_000;
/** Jobs that are shown one by one, at most; the service tells no more. */
export const MOST_JOBS = 200_000;

/** How soon an answer about so many jobs grows old. */
const topicOf = (jobs: number): Topic => (jobs <= FEW ? "jobs" : "picture");

/** Views whose places stay while a run goes on: only states are asked anew. */
const isFixed = (view: View) => view === "transformation" || view === "jobs";

async function picture(address: string, signal: AbortSignal): Promise<Picture> {
  return readColumns(await askBytes(address, COLUMNS, signal));
}

/** The view that is shown: single jobs are folded by level when there are too many. */
export function shownView({ view = "transformation" }: GraphSearch, jobs: number): View {
  return view === "jobs" && jobs > MOST_JOBS ? "level" : view;
}

/** A graph. `jobs` is how many the workflow has: with more of them it is another graph. */
export function graphQuery(uuid: string, view: View, { of, hops = HOPS }: GraphSearch, jobs: number) {
  const address =
    view === "near"
      ? addressOf(`${RUN}/jobs/{name}/graph`, { uuid, name: of }, { hops })
      : view === "failures"
        ? addressOf(`${RUN}/graph/failures`, { uuid })
        : addressOf(`${RUN}/graph`, { uuid }, { fold: view === "jobs" ? "none" : view });
  const topic: Topic = isFixed(view) ? "fixed" : topicOf(view === "level" ? jobs : 0);
  return queryOptions({
    queryKey: [topic, "graph", address, isFixed(view) ? jobs : 0] as const,
    queryFn: async ({ signal }) => ({ view, picture: await picture(address, signal) }),
    enabled: view !== "workflows",
    placeholderData: keepPreviousData,
    gcTime: 60_000, // they are large
    structuralSharing: false,
    staleTime: isFixed(view) ? Number.POSITIVE_INFINITY : 0,
  });
}

/** How the nodes of such a graph stand now. */
export function statesQuery(uuid: string, view: View, jobs: number, running: boolean) {
  const fold = view === "jobs" ? "none" : "transformation";
  return queryOptions({
    queryKey: [topicOf(jobs), "graph-states", uuid, fold] as const,
    queryFn: async ({ signal }) => ({
      view,
      picture: await picture(addressOf(`${RUN}/graph/states`, { uuid }, { fold }), signal),
    }),
    enabled: isFixed(view) && running,
    gcTime: 10_000,
    structuralSharing: false,
  });
}
