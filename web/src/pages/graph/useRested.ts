import { useEffect, useRef, useState } from "react";

/** A value that changes at most once in so many ms; its last change is never lost. */
export function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value);
  const changedMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const wait = Math.max(0, changedMs.current + ms - performance.now());
    const timer = setTimeout(() => {
      changedMs.current = performance.now();
      setRested(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}
