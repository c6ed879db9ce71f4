import { type ReactNode, useEffect, useRef } from "react";
import css from "./Dialog.module.css";

/** A dialog over the page (the browser's own: it keeps the focus inside and closes with Escape). */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} className={css.dialog} aria-label={title} onClose={onClose} closedby="any">
      {children}
    </dialog>
  );
}
