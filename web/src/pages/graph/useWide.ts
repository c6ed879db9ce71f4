import { useSyncExternalStore } from "react";

const WIDE = "(min-width: 901px)";

/** Whether pictures are wider than high: beside a list, and not above it. */
export function useWide(): boolean {
  return useSyncExternalStore(watch, () => matchMedia(WIDE).matches);
}

function watch(watcher: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener("change", watcher);
  return () => query.removeEventListener("change", watcher);
}
