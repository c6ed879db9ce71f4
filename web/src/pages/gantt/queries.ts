/** The questions of this page. Their topic is `picture`: live changes ask them anew, never more often than every two seconds. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { addressOf, askBytes, type Query } from "@/api/ask";
import { COLUMNS, readColumns } from "@/api/columns";
import { concurrencyOf, ganttOf } from "@/draw/gantt/picture";

const RUN = "/api/v1/workflows/{uuid}";
/** Large answers do not stay for long once nobody looks. */
const KEPT_MS = 60_000;

/** Tries over time. The picture before stays until the next is there. */
export const ganttQuery = (uuid: string, query: Query) =>
  queryOptions({
    queryKey: ["picture", uuid, "gantt", query] as const,
    queryFn: async ({ signal }) =>
      ganttOf(readColumns(await askBytes(addressOf(`${RUN}/gantt`, { uuid }, query), COLUMNS, signal))),
    placeholderData: keepPreviousData,
    gcTime: KEPT_MS,
    structuralSharing: false,
  });

/** How many waited, were held and ran at once. */
export const concurrencyQuery = (uuid: string, query: Query) =>
  queryOptions({
    queryKey: ["picture", uuid, "concurrency", query] as const,
    queryFn: async ({ signal }) =>
      concurrencyOf(readColumns(await askBytes(addressOf(`${RUN}/concurrency`, { uuid }, query), COLUMNS, signal))),
    placeholderData: keepPreviousData,
    gcTime: KEPT_MS,
    structuralSharing: false,
  });
