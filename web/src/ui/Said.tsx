import type { ReactNode } from "react";
import { ProblemError } from "@/api/ask";
import css from "./Said.module.css";

/** Where a picture or list will be: bars that breathe, after a moment, so that quick answers do not flicker. */
export function Loading({ what, lines = 3 }: { what: string; lines?: number }) {
  return (
    <div className={css.loading} role="status">
      <span className="visually-hidden">Loading {what}</span>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing else
        <span key={i} className={css.line} />
      ))}
    </div>
  );
}

/** Nothing to show, said in one sentence, with what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.said}>
      <h2>{title}</h2>
      {children && <div className={css.more}>{children}</div>}
    </div>
  );
}

/** Good news: nothing is wrong. */
export function AllWell({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.said} data-tone="well">
      <h2>
        <span aria-hidden="true">✓ </span>
        {title}
      </h2>
      {children && <div className={css.more}>{children}</div>}
    </div>
  );
}

/** What went wrong with a question, and a way to ask again. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const status = error instanceof ProblemError ? error.status : 0;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={css.said} data-tone="fail" role="alert">
      <h2>
        {status === 404 ? "There is no such thing here" : status === 0 ? "No answer" : "This could not be answered"}
      </h2>
      <div className={css.more}>{message}</div>
      {again && (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
