import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { hitsQuery } from "./queries";

/** What one looks for: a text, signs of errors, or nothing. */
export type Wanted = { kind: "text"; text: string } | { kind: "errors" } | undefined;

/** Looks for a text and steps from place to place. `go` shows a byte. */
export function useFind(address: string, wanted: Wanted, go: (byte: number) => void) {
  const text = wanted === undefined || (wanted.kind === "text" && !wanted.text) ? undefined : textOf(wanted);
  const answer = useInfiniteQuery(hitsQuery(address, text));
  const hits = useMemo(() => answer.data?.pages.flatMap((page) => page.items) ?? [], [answer.data]);
  const [at, setAt] = useState(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is looked for from its first place on
  useEffect(() => setAt(-1), [address, text]);

  const goTo = useCallback(
    (index: number) => {
      const hit = hits[index];
      if (!hit) return;
      setAt(index);
      go(hit.offset);
    },
    [hits, go],
  );
  const { hasNextPage, fetchNextPage, isFetching } = answer;
  const step = useCallback(
    (by: 1 | -1) => {
      if (hits.length === 0 && !hasNextPage) return;
      const next = at + by;
      if (next >= hits.length - 1 && hasNextPage && !isFetching) void fetchNextPage();
      if (next >= 0 && next < hits.length) goTo(next);
      else if (!hasNextPage) goTo(next < 0 ? hits.length - 1 : 0);
    },
    [at, hits, goTo, hasNextPage, fetchNextPage, isFetching],
  );
  return { answer, hits, at, goTo, step, current: at >= 0 ? hits[at] : undefined };
}

function textOf(wanted: NonNullable<Wanted>): string {
  return wanted.kind === "errors" ? "" : wanted.text;
}
