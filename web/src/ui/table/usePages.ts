import { queryOptions, useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { fetchFrom } from "@/api/ask";
import { Cursors, PAGE, pagesOf, rowsToShow } from "@/ui/table/cursors";
import { addressOfList, type Page, type Question } from "@/ui/table/question";

/** The tallest box that all browsers draw (Firefox: 17,895,697 px). Rows beyond it are reached from the other end. */
const MOST_PX = 17_500_000;

/** A list of any length, of which only what is looked at is asked. It stays as it was when it was first asked. */
export interface Pages<T> {
  /** Rows that can be scrolled to; `total` is how many there are, where that is known. */
  count: number;
  total: number | undefined;
  /** Nothing is known of it yet. */
  isPending: boolean;
  error: Error | null;
  /** The row at a place; undefined while it is on its way. */
  at(row: number): T | undefined;
  /** Ask everything anew. */
  reset(): void;
  /** Tells one state of the list from the next. */
  generation: number;
  /** Changes with each page that arrives. */
  loaded: string;
}

/** What is remembered of a list while one is on another page. */
interface Memory {
  cursors: Cursors;
  generation: number;
  bornMs: number;
}

const memories = new Map<string, Memory>();
const OLD_MS = 60_000;
const MOST_MEMORIES = 20;

function memoryOf(address: string, column: string): Memory {
  const key = `${column} ${address}`;
  const known = memories.get(key);
  if (known && Date.now() - known.bornMs < OLD_MS) return known;
  return begin(key);
}

function begin(key: string): Memory {
  const memory = { cursors: new Cursors(), generation: Date.now(), bornMs: Date.now() };
  memories.delete(key);
  memories.set(key, memory);
  for (const [old] of memories) if (memories.size > MOST_MEMORIES) memories.delete(old);
  return memory;
}

/** Rows in view. */
export interface Range {
  first: number;
  last: number;
}

/** The pages of a list that rows in view lie on. `column` is any short one: ways to far pages are found by it. */
export function usePages<T>(question: Question, column: string, range: Range, rowPx: number): Pages<T> {
  const address = addressOfList(question);
  const client = useQueryClient();
  const [resets, setResets] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a reset makes it another one
  const memory = useMemo(() => memoryOf(address, column), [address, column, resets]);
  const page = useCallback(
    (number: number) => pageQuery<T>(question, address, column, memory, number),
    [question, address, column, memory],
  );
  const { first, last } = range;
  const wanted = useMemo(() => [...new Set([0, ...pagesOf(first, last)])], [first, last]);
  const found = useQueries({ queries: wanted.map(page) });
  const loaded = `${memory.generation} ${found.map((one) => one.dataUpdatedAt).join()} ${wanted.join()}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `loaded` stands for the answers
  const at = useCallback(
    (row: number) => client.getQueryData<Page<T>>(page(Math.floor(row / PAGE)).queryKey)?.items[row % PAGE],
    [client, page, loaded],
  );
  const reset = useCallback(() => {
    begin(`${column} ${address}`);
    setResets((n) => n + 1);
  }, [column, address]);
  const head = found[0];
  const total = head.data?.total ?? undefined;
  return {
    count: head.data ? rowsToShow(memory.cursors, total, Math.floor(MOST_PX / rowPx)) : 0,
    total: memory.cursors.end ?? total,
    isPending: head.isPending,
    error: found.find((one) => one.error)?.error ?? null,
    generation: memory.generation,
    loaded,
    at,
    reset,
  };
}

function pageQuery<T>(question: Question, address: string, column: string, memory: Memory, number: number) {
  return queryOptions({
    queryKey: ["fixed", "rows", address, memory.generation, number] as const,
    queryFn: async ({ signal }): Promise<Page<T>> => {
      const from = number * PAGE;
      await reach(question, column, memory.cursors, from, signal);
      if (from > 0 && !memory.cursors.knows(from)) return { items: [] };
      const part = { limit: PAGE, after: memory.cursors.at(from), withTotal: number === 0 };
      const found = await pageAt<T>(addressOfList(question, part), signal);
      memory.cursors.learn(from, found.items.length, found.next);
      return found;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 120_000,
    structuralSharing: false,
    refetchOnWindowFocus: false,
  });
}

/** Find the way to a row, in long strides. */
async function reach(
  question: Question,
  column: string,
  cursors: Cursors,
  row: number,
  signal: AbortSignal,
): Promise<void> {
  for (let stride = cursors.stride(row); stride; stride = cursors.stride(row)) {
    const part = { limit: stride.limit, after: stride.cursor, fields: column };
    const found = await pageAt<unknown>(addressOfList(question, part), signal);
    cursors.learn(stride.from, found.items.length, found.next);
  }
}

/** A page of a list. Throws ProblemError. */
export async function pageAt<T>(address: string, signal?: AbortSignal): Promise<Page<T>> {
  return (await (await fetchFrom(address, signal)).json()) as Page<T>;
}
