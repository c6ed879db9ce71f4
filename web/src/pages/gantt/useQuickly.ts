import { useEffect, useRef } from "react";
import type { Gantt } from "@/draw/gantt/picture";
import { useLiveEvents } from "@/live/Live";

/** A picture of no more bars costs the service some hundredths of a second: it may be asked for more often. */
const FEW_BARS = 2500;
const REST_MS = 250;

/** Has a small picture asked anew soon after a try has begun or changed, not only when the rest of all pictures is over. */
export function useQuickly(gantt: Gantt | undefined, refetch: () => unknown): void {
  const lastMs = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const again = useRef(refetch);
  again.current = refetch;
  useLiveEvents((event) => {
    if ((event.kind !== "try" && event.kind !== "state") || timer.current !== undefined) return;
    if (gantt?.level !== "bars" || gantt.count > FEW_BARS) return;
    const rested = performance.now() - lastMs.current;
    timer.current = setTimeout(
      () => {
        timer.current = undefined;
        lastMs.current = performance.now();
        again.current();
      },
      Math.max(20, REST_MS - rested),
    );
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
