import { useState } from "react";
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
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d={copied ? "M3 8.5l3.2 3.2L13 4.5" : "M6 6h7v7.5H6zM3 10V2.5h7"} />
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
      <code title={line}>{line}</code>
      <Copy text={line} what="command" />
    </span>
  );
}

/** Copy a text. Browsers give the clipboard only to pages over TLS or on this machine; elsewhere an older way does it. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  return undefined;
}
