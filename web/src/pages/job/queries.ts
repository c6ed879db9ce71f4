import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import type { NodeLog } from "@/api/schema";

/** Names of neighbours that are asked for in one question. */
const MOST_NAMES = 200;

/** States of jobs by name, for links to neighbours. */
export const statesQuery = (uuid: string, names: string[]) =>
  queryOptions({
    queryKey: ["jobs", "states", uuid, names] as const,
    queryFn: async ({ signal }): Promise<Record<string, string>> => {
      const asked = names.filter((name) => !/[",<>=~!]/.test(name)).slice(0, MOST_NAMES);
      const { items } = await ask("/api/v1/workflows/{uuid}/jobs", {
        in: { uuid },
        query: { name: asked.join(","), fields: "name,word", limit: MOST_NAMES },
        signal,
      });
      return Object.fromEntries(items.map((item) => [item.name ?? "", item.word ?? item.state ?? ""]));
    },
    enabled: names.length > 0,
  });

/** What a job read and wrote, and the jobs next to it. */
export const traceQuery = (uuid: string, job: string) =>
  queryOptions({
    queryKey: ["judgement", "trace", uuid, job] as const,
    queryFn: ({ signal }) =>
      ask("/api/v1/workflows/{uuid}/trace", { in: { uuid }, query: { name: job, kind: "job", depth: 1 }, signal }),
  });

/** Lines of a log that speak of a job, a page after the other. */
export const nodeLogQuery = (uuid: string, name: string, file: "dagman" | "events") =>
  infiniteQueryOptions({
    queryKey: ["job", "log", uuid, name, file] as const,
    queryFn: ({ signal, pageParam }) =>
      ask("/api/v1/workflows/{uuid}/jobs/{name}/log", {
        in: { uuid, name },
        query: { file, start: pageParam, most: 500 },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (last: NodeLog) => last.next,
    retry: false,
  });
