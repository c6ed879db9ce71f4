import type { Output, Try } from "@/api/schema";
import { Copy } from "@/ui/Copy";
import { clean } from "@/words/format";
import css from "./job.module.css";
import { isError, printedBy } from "./printed";

/** What the programs of a try printed, apart from what ran around them; lines that look like errors stand out. */
export function Printed({ one }: { one: Try }) {
  return (
    <div className={css.printed}>
      {printedBy(one).map((piece) => (
        <Piece key={`${piece.seq} ${piece.stream}`} piece={piece} what={whatOf(one, piece)} />
      ))}
    </div>
  );
}

function whatOf(one: Try, { seq, stream }: Output): string {
  const invocation = one.invocations?.find((other) => other.seq === seq);
  const of = invocation?.transformation ?? (seq === -1 ? "the PRE script" : seq === -2 ? "the POST script" : `${seq}`);
  return `${stream} of ${of}${invocation?.task ? `, task ${invocation.task}` : ""}`;
}

function Piece({ piece, what }: { piece: Output; what: string }) {
  const lines = piece.text.trimEnd().split("\n");
  return (
    <section aria-label={clean(what)}>
      <h3>
        {clean(what)} <Copy text={piece.text} what={what} />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard */}
      <pre tabIndex={0}>
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
          <span key={at} data-error={isError(line) || undefined}>
            {clean(line)}
            {"\n"}
          </span>
        ))}
      </pre>
    </section>
  );
}
