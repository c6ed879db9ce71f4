import css from "@/pages/charts/Charts.module.css";

export interface Key {
  word: string;
  /** A colour of the tokens. */
  tone: string;
  hatched?: boolean;
}

/** What colours and patterns mean. */
export function Legend({ keys }: { keys: Key[] }) {
  return (
    <ul className={css.legend}>
      {keys.map(({ word, tone, hatched }) => (
        <li key={word} className={css.key}>
          <span
            className={css.swatch}
            data-hatched={hatched || undefined}
            style={{ "--tone": `var(${tone})` } as React.CSSProperties}
            aria-hidden="true"
          />
          {word}
        </li>
      ))}
    </ul>
  );
}
