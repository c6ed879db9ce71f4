import type { KeyboardEvent } from "react";
import { useKeys } from "@/ui/keys";
import { moved } from "@/ui/table/move";

interface Walk {
  active: number;
  count: number;
  /** Rows that fit on the screen. */
  screen: () => number;
  goTo: (row: number) => void;
  open: () => void;
  unfold?: (() => void) | undefined;
  mark?: (() => void) | undefined;
}

/** Walk a list with the keyboard: letters work anywhere on the page, arrows and Enter where the list has the focus. */
export function useWalk({ active, count, screen, goTo, open, unfold, mark }: Walk) {
  const go = (key: string) => {
    const to = moved(key, active, count, screen());
    if (to !== undefined) goTo(to);
    return to !== undefined;
  };
  useKeys({
    j: { does: "next row", run: () => void go("j") },
    k: { does: "row before", run: () => void go("k") },
    o: { does: "open the row", run: open },
    ...(unfold && { e: { does: "unfold the row", run: unfold } }),
    ...(mark && { x: { does: "mark the row", run: mark } }),
  });
  return (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") open();
    else if (event.key.length === 1 || !go(event.key)) return;
    event.preventDefault();
  };
}
