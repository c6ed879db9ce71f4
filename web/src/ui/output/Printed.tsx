import { useEffect, useMemo, useRef } from "react";
import type { Output, Try } from "@/api/schema";
import { Copy } from "@/ui/Copy";
import { explaining } from "@/words/explain";
import { clean } from "@/words/format";
import { Explains } from "./Explains";
import css from "./Printed.module.css";
import { isError, printedBy } from "./printed";

/**
 * What the programs of a try printed, apart from what ran around them; lines that look like errors stand out, and those
 * that explain a failure (`message` is that of its cause) are marked and brought in sight.
 */
export function Printed({ one, message }: { one: Try; message?: string | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const marks = box.current?.querySelectorAll<HTMLElement>("[data-explains]");
    const last = marks?.[marks.length - 1];
    if (last && box.current) for (const frame of [last.closest("pre"), box.current]) centre(frame, last);
  }, []);
  return (
    <div className={css.printed} ref={box}>
      {printedBy(one).map((piece) => (
        <Piece key={`${piece.seq} ${piece.stream}`} piece={piece} what={whatOf(one, piece)} message={message} />
      ))}
    </div>
  );
}

/** Scroll a frame, and nothing around it, so that what is in it stands in its middle. */
function centre(frame: HTMLElement | null, inside: HTMLElement): void {
  if (!frame) return;
  const [outer, inner] = [frame.getBoundingClientRect(), inside.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    frame.scrollTop += inner.top - outer.top - frame.clientHeight / 2;
  }
}

function whatOf(one: Try, { seq, stream }: Output): string {
  const invocation = one.invocations?.find((other) => other.seq === seq);
  const of = invocation?.transformation ?? (seq === -1 ? "the PRE script" : seq === -2 ? "the POST script" : `${seq}`);
  return `${stream} of ${of}${invocation?.task ? `, task ${invocation.task}` : ""}`;
}

function Piece({ piece, what, message = "" }: { piece: Output; what: string; message?: string | undefined }) {
  const lines = useMemo(() => piece.text.trimEnd().split("\n"), [piece.text]);
  const explained = useMemo(() => new Set(explaining(lines, message)), [lines, message]);
  return (
    <section aria-label={clean(what)}>
      <h3>
        {clean(what)} <Copy text={piece.text} what={what} />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <pre tabIndex={0}>
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
          <span key={at} data-error={isError(line) || undefined} data-explains={explained.has(at) || undefined}>
            {explained.has(at) && <Explains />}
            {clean(line)}
            {"\n"}
          </span>
        ))}
      </pre>
    </section>
  );
}
