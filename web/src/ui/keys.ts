import { useEffect, useRef } from "react";

/** Keys of a page by what is typed: one key (`j`, `/`, `Enter`) or two after each other (`g r`). */
export type Keys = Record<string, { does: string; run: () => void }>;

const known = new Map<symbol, Keys>();
const LONGEST_PAUSE_MS = 900;

/** Have keys work while a component is there. Nothing is heard while one types in a field. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const me = Symbol();
    let first = "";
    let at = 0;
    known.set(me, latest.current);
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || event.defaultPrevented) return;
      const pair = event.timeStamp - at < LONGEST_PAUSE_MS ? `${first} ${event.key}` : event.key;
      first = event.key;
      at = event.timeStamp;
      const found = latest.current[pair] ?? latest.current[event.key];
      if (!found) return;
      event.preventDefault();
      first = "";
      found.run();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
      known.delete(me);
    };
  }, []);
}

/** All keys that work now, for the page of help. */
export function knownKeys(): [key: string, does: string][] {
  return [...known.values()].flatMap((keys) =>
    Object.entries(keys).map(([key, { does }]): [string, string] => [key, does]),
  );
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
