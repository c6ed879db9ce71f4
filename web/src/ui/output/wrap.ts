import { useSyncExternalStore } from "react";

const KEY = "stampede.wrap";
const watchers = new Set<() => void>();

/** Whether long lines are wrapped, and what changes that; remembered, and the same for all outputs on a page. */
export function useWrap(): [wrap: boolean, toggle: () => void] {
  const wrap = useSyncExternalStore(watch, read);
  return [wrap, toggle];
}

function read(): boolean {
  return localStorage.getItem(KEY) !== "no";
}

function toggle(): void {
  localStorage.setItem(KEY, read() ? "no" : "yes");
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
