import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Topic } from "@/api/queries";
import { useLiveEvents } from "@/live/Live";
import { PAGE } from "@/ui/table/cursors";
import { addressOfList, type Page, type Question } from "@/ui/table/question";
import type { Pages } from "@/ui/table/usePages";
import { pageAt } from "@/ui/table/usePages";

/** What is newer than a list that stays as it is: present values of rows in view, and how many rows it lacks at its top. */
export interface Fresh<T> {
  items: ReadonlyMap<string, T>;
  news: number;
}

/** How a list is kept fresh. `topic` is that of its rows' values, `pick` the conditions that ask for some rows alone. */
export interface Freshness<T> {
  topic: Topic;
  keyOf: (item: T) => string;
  pick: (items: readonly T[]) => string[];
  kinds: readonly string[];
}

/**
 * Keeps rows in view fresh without moving any: once something was heard, they alone are asked for, and asked anew when
 * the live stream says so. Rows that the list does not have yet are counted, not put in.
 */
export function useFresh<T>(question: Question, pages: Pages<T>, view: readonly T[], how: Freshness<T>): Fresh<T> {
  const [heard, setHeard] = useState<number>();
  useLiveEvents((event) => {
    if (heard !== pages.generation && (how.kinds.includes(event.kind) || event.kind === "resync"))
      setHeard(pages.generation);
  });
  const isOld = heard === pages.generation;
  const picked = useMemo(
    () => addressOfList({ path: question.path, where: how.pick(view), below: question.below }, { limit: 1000 }),
    [question, view, how],
  );
  const values = useQuery({
    queryKey: [how.topic, "rows", picked] as const,
    queryFn: ({ signal }) => pageAt<T>(picked, signal),
    enabled: isOld && view.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  });
  const top = addressOfList(question, { limit: PAGE });
  const head = useQuery({
    queryKey: [how.topic, "top", top, pages.generation] as const,
    queryFn: ({ signal }) => pageAt<T>(top, signal),
    enabled: isOld,
    gcTime: 10_000,
  });
  const items = useMemo(
    () => new Map(values.data?.items.map((item) => [how.keyOf(item), item])),
    [values.data, how.keyOf],
  );
  return { items, news: isOld && head.data ? newsOf(head.data, pages, how.keyOf) : 0 };
}

/** How many rows of a new first page the list does not have in its own. */
export function newsOf<T>(head: Page<T>, pages: Pick<Pages<T>, "at" | "count">, keyOf: (item: T) => string): number {
  const known = new Set<string>();
  for (let row = 0; row < Math.min(PAGE, pages.count); row += 1) {
    const item = pages.at(row);
    if (item) known.add(keyOf(item));
  }
  return head.items.filter((item) => !known.has(keyOf(item))).length;
}
