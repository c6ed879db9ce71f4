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
      <span aria-hidden="true">{copied ? "✓" : "⧉"}</span>
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
      <code>{line}</code>
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
