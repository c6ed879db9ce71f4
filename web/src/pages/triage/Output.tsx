import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Failed, Loading } from "@/ui/Said";
import { clean, size } from "@/words/format";
import { explaining } from "./explain";
import css from "./Triage.module.css";
import { readBefore, readTail, type Tail } from "./tail";

/** An output that may still grow is asked anew with its job; what has ended is not. */
const tailQuery = (address: string, ended: boolean) =>
  queryOptions({
    queryKey: [ended ? "fixed" : "job", "output", address] as const,
    queryFn: async ({ signal }) => (await readTail(address, signal)) ?? null,
    gcTime: 60_000,
  });

/** The end of an output, with what lies before it on wish; the line that explains a failure is marked and in sight. */
export function FileOutput({ address, message, ended }: { address: string; message: string; ended: boolean }) {
  const { data, error, refetch } = useQuery(tailQuery(address, ended));
  const [before, setBefore] = useState<Tail>();
  const [trouble, setTrouble] = useState<unknown>();
  const shown = before ?? data;
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading what="output" lines={6} />;
  if (!shown?.text) return <p className="muted">It printed nothing here, or the file is gone.</p>;
  const more = async () => setBefore(await readBefore(address, shown));
  return (
    <>
      {shown.start > 0 && (
        <p className={css.before}>
          <span className="muted">
            The last {size(shown.size - shown.start)} of {size(shown.size)}.
          </span>
          <button type="button" className="button" onClick={() => void more().catch(setTrouble)}>
            What is before
          </button>
          <a href={address} download>
            Download
          </a>
        </p>
      )}
      {trouble !== undefined && <Failed error={trouble} />}
      <TextOutput text={shown.text} message={message} />
    </>
  );
}

/** Lines of text; those that explain a failure are marked, the last of them is brought in sight, else the end. */
export function TextOutput({ text, message }: { text: string; message: string }) {
  const frame = useRef<HTMLPreElement>(null);
  const lines = text.replace(/\n$/, "").split("\n");
  const marked = new Set(explaining(lines, message));
  useEffect(() => {
    const box = frame.current;
    const marks = box?.querySelectorAll("mark");
    const last = marks?.[marks.length - 1];
    if (!box) return;
    box.scrollTop = last ? Math.max(0, last.offsetTop - box.clientHeight / 2) : box.scrollHeight;
  }, []);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keys
    <pre ref={frame} className={css.output} tabIndex={0}>
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
        <Line key={i} text={line} marked={marked.has(i)} />
      ))}
    </pre>
  );
}

function Line({ text, marked }: { text: string; marked: boolean }) {
  const shown = `${clean(text)}\n`;
  return marked ? (
    <mark>
      <span className="visually-hidden">explains the failure: </span>
      {shown}
    </mark>
  ) : (
    <span>{shown}</span>
  );
}
