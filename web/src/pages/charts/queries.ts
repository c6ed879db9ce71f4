/** The questions of this page. */

import { queryOptions } from "@tanstack/react-query";
import { addressOf, ask } from "@/api/ask";
import { pictureQuery } from "@/api/queries";
import type { ChartsSearch } from "@/pages/charts/search";

export type Kind = "jobs" | "failures" | "runtimes" | "hosts";

/** Pixels that a picture is asked for: bins do not change with every pixel of the window. */
const WIDTH = 1000;

/** A chart as columns. Run times are those of the whole run. */
export function chartQuery(uuid: string, kind: Kind, search: ChartsSearch) {
  const window = kind === "runtimes" ? {} : { since: search.since, until: search.until };
  return pictureQuery(
    uuid,
    `pictures/${kind}`,
    kind === "hosts" || kind === "runtimes" ? window : { ...window, width: WIDTH },
  );
}

/** The address of a picture as SVG. */
export function svgOf(uuid: string, kind: string, search: ChartsSearch): string {
  return addressOf(
    "/api/v1/workflows/{uuid}/plot/{kind}",
    { uuid, kind },
    { since: search.since, until: search.until },
  );
}

/** What was found not to be as it was of machines: slow ones, and those where much failed. */
export const hostAnomaliesQuery = (uuid: string) =>
  queryOptions({
    queryKey: ["judgement", "anomalies", "hosts", uuid] as const,
    queryFn: async ({ signal }) => {
      const page = await ask("/api/v1/workflows/{uuid}/anomalies", {
        in: { uuid },
        query: { kind: "host,failure_rate", limit: 1000 },
        signal,
      });
      return page.items.filter((one) => one.hostname);
    },
  });
