import { useSyncExternalStore } from "react";

let nowS = Date.now() / 1000;
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    nowS = Date.now() / 1000;
    for (const one of watchers) one();
  }, 1000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Now, in epoch seconds, anew every second: one clock for a page. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => nowS);
}
