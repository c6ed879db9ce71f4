import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { addressOf, fetchFrom } from "@/api/ask";
import type { Hits } from "@/api/schema";

const MOST = 200;

/** Ask where a text stands in an output (an empty one: signs of errors), from a byte on. */
async function askHits(address: string, text: string, start: number, most: number, signal: AbortSignal): Promise<Hits> {
  const response = await fetchFrom(addressOf(`${address}/search`, {}, { text, start, most }), signal);
  return (await response.json()) as Hits;
}

/** Where a text stands, a page after the other: the service looks for half a second at a time. */
export const hitsQuery = (address: string, text: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["fixed", "hits", address, text] as const,
    queryFn: ({ signal, pageParam }) => askHits(address, text ?? "", pageParam, MOST, signal),
    initialPageParam: 0,
    getNextPageParam: (last: Hits) => last.next,
    enabled: text !== undefined,
    gcTime: 60_000,
  });

/** The first sign of an error; undefined when there is none near the start. */
export const firstErrorQuery = (address: string) =>
  queryOptions({
    queryKey: ["fixed", "first error", address] as const,
    queryFn: async ({ signal }) => (await askHits(address, "", 0, 1, signal)).items[0] ?? null,
    staleTime: 60_000,
  });
