import { useEffect, useMemo, useRef } from "react";
import { explaining } from "@/words/explain";
import { bytesOf, type Layout } from "./layout";
import { decoded } from "./text";

/**
 * Bytes at which lines begin that explain a failure, of those that are here; `message` is that of its cause. The last of
 * them in what is read first is gone to, once.
 */
export function useExplained(layout: Layout, message: string, go: (byte: number) => void): ReadonlySet<number> {
  const found = useMemo(() => explainedIn(layout, message), [layout, message]);
  const there = layout.begins.length > 0;
  const done = useRef(false);
  useEffect(() => {
    if (!there || done.current) return;
    done.current = true;
    const last = [...found].at(-1);
    if (last !== undefined) go(last);
  }, [there, found, go]);
  return found;
}

/** The same without going there: pure. */
export function explainedIn(layout: Layout, message: string): Set<number> {
  if (!message) return new Set();
  const lines: string[] = [];
  const starts: number[] = [];
  for (let piece = 0; piece < layout.begins.length; piece++) {
    if (layout.begins[piece] !== 1) continue;
    lines.push(decoded(bytesOf(layout, piece)));
    starts.push(layout.starts[piece]);
  }
  return new Set(explaining(lines, message).map((line) => starts[line]));
}
