/** The questions that only triage asks. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask } from "@/api/ask";

const RUN = "/api/v1/workflows/{uuid}";
/** Rows of a page of a list. */
export const PAGE = 100;

/** A page of the jobs behind a cause, counted from 0. */
export const membersQuery = (uuid: string, cause: string, page: number) =>
  queryOptions({
    queryKey: ["judgement", "members", uuid, cause, page] as const,
    queryFn: ({ signal }) =>
      ask(`${RUN}/triage/{cause}/members`, {
        in: { uuid, cause },
        query: { limit: PAGE, after: page > 0 ? page * PAGE : undefined },
        signal,
      }),
  });

/** One member of a cause by its node. */
export const memberQuery = (uuid: string, cause: string, node: string) =>
  queryOptions({
    queryKey: ["judgement", "member", uuid, cause, node] as const,
    queryFn: ({ signal }) => ask(`${RUN}/triage/{cause}/members`, { in: { uuid, cause }, query: { node }, signal }),
  });

/** The jobs that can never run, page by page. */
export const neverQuery = (uuid: string) =>
  infiniteQueryOptions({
    queryKey: ["jobs", "never", uuid] as const,
    queryFn: ({ pageParam, signal }) =>
      ask(`${RUN}/jobs`, {
        in: { uuid },
        query: { state: "futile", below: true, limit: PAGE, after: pageParam, fields: NEVER_FIELDS },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });

const NEVER_FIELDS = "wf_uuid,name,path,type,transformation";

/** A try of a job, counted from 1. */
export const attemptQuery = (uuid: string, name: string, number: number) =>
  queryOptions({
    queryKey: ["job", uuid, name, "attempt", number] as const,
    queryFn: ({ signal }) => ask(`${RUN}/jobs/{name}/attempts/{number}`, { in: { uuid, name, number }, signal }),
  });
