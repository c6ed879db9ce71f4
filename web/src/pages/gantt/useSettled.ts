import { useEffect, useState } from "react";
import type { GanttStore } from "@/pages/gantt/store";

/** A count that goes up when what is seen has not moved for so many ms: the time to ask, or to write the address. */
export function useSettled(store: GanttStore, restMs: number): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let span = store.span;
    const stop = store.watch(() => {
      if (store.span === span) return;
      span = store.span;
      clearTimeout(timer);
      timer = setTimeout(() => setCount((n) => n + 1), restMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [store, restMs]);
  return count;
}
