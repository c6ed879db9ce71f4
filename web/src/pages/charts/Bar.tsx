import css from "@/pages/charts/Rows.module.css";

export interface Part {
  word: string;
  value: number;
  /** A colour of the tokens. */
  tone: string;
  hatched?: boolean;
}

/** Parts of a length side by side; `most` is what the whole width stands for. */
export function Bar({ parts, most, label }: { parts: Part[]; most: number; label: string }) {
  const there = parts.filter(({ value }) => value > 0);
  const sum = there.reduce((all, { value }) => all + value, 0);
  return (
    <span className={css.bar} role="img" aria-label={label} title={label} style={{ width: `${share(sum, most)}%` }}>
      {there.map(({ word, value, tone, hatched }) => (
        <span
          key={word}
          data-hatched={hatched || undefined}
          style={{ flexGrow: value / sum, "--tone": `var(${tone})` } as React.CSSProperties}
        />
      ))}
    </span>
  );
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, (part / whole) * 100) : 0;
}
