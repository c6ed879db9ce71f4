import type { ReactNode } from "react";
import css from "./Card.module.css";

/** A part of a page with a heading; `aside` stands to its right. */
export function Card({
  title,
  aside,
  children,
  id,
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  return (
    <section className={css.card} id={id}>
      <header className={css.head}>
        <h2>{title}</h2>
        {aside && <div className={css.aside}>{aside}</div>}
      </header>
      {children}
    </section>
  );
}
