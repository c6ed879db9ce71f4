import { useState } from "react";
import { clean } from "@/words/format";
import css from "./Copy.module.css";

/** A button that copies a text; `what` names it for those who cannot see where it stands. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" className={css.copy} onClick={() => void copy()} title={`Copy ${what}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" className={css.icon}>
        <path d={copied ? "M3.5 8.5l3 3 6-7" : "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"} />
      </svg>
      <span className="visually-hidden" aria-live="polite">
        {copied ? "Copied" : `Copy ${what}`}
      </span>
    </button>
  );
}

/** The verb that gives the same answer on the command line, ready to copy. */
export function Command({ line }: { line: string }) {
  return (
    <span className={css.command}>
      <code title={clean(line)}>{clean(line)}</code>
      <Copy text={line} what="command" />
    </span>
  );
}

/** Copy a text. Browsers give the clipboard only to pages over TLS or on this machine; elsewhere an older way does it. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}
