import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/** Where one was in a list, by its generation. */
const places = new Map<number, { active: number; top: number }>();
const MOST = 20;

/**
 * Remembers where one is in a list, so that who comes back from another page finds it as it was; another list begins at
 * its top. `onPlace` is told the row that is active then.
 */
export function usePlace(
  generation: number,
  isThere: boolean,
  scroller: RefObject<HTMLDivElement | null>,
  active: number,
  onPlace: (active: number) => void,
): void {
  const tell = useRef(onPlace);
  tell.current = onPlace;
  const now = useRef(active);
  now.current = active;
  useLayoutEffect(() => {
    if (!isThere) return undefined;
    const box = scroller.current;
    const known = places.get(generation);
    tell.current(known?.active ?? 0);
    // the box has its height after the next paint
    const frame = requestAnimationFrame(() => box?.scrollTo({ top: known?.top ?? 0 }));
    const note = () => {
      places.set(generation, { active: now.current, top: box?.scrollTop ?? 0 });
      for (const [old] of places) if (places.size > MOST) places.delete(old);
    };
    box?.addEventListener("scroll", note, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      box?.removeEventListener("scroll", note);
    };
  }, [generation, isThere, scroller]);
  useEffect(() => {
    const known = places.get(generation);
    places.set(generation, { active, top: known?.top ?? 0 });
  }, [generation, active]);
}
