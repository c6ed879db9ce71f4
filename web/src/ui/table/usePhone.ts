import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 640px)";

/** Whether the window is that of a phone: rows are cards then. */
export function usePhone(): boolean {
  return useSyncExternalStore(watch, () => matchMedia(NARROW).matches);
}

function watch(watcher: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", watcher);
  return () => query.removeEventListener("change", watcher);
}
