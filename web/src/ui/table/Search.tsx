import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 150;

/** A field whose text is taken after a pause in typing. */
export function Search({ text, what, onSearch }: { text: string; what: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const taken = useRef(text);
  useEffect(() => {
    // the address changed by itself: back, or a chip
    if (text !== taken.current) setTyped(text);
    taken.current = text;
  }, [text]);
  useEffect(() => {
    if (typed === taken.current) return undefined;
    const timer = setTimeout(() => {
      taken.current = typed;
      onSearch(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onSearch]);
  return (
    <input
      className="field"
      type="search"
      aria-label={what}
      placeholder={what}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      maxLength={200}
    />
  );
}
