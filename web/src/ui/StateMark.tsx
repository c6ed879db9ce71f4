import { FILLED, SHAPES } from "@/ui/shapes";
import type { Look } from "@/words/states";
import css from "./StateMark.module.css";

/** The shape of a state alone, for places where the word stands beside it. */
export function StateIcon({ look }: { look: Look }) {
  return (
    <svg className={css.icon} viewBox="0 0 16 16" aria-hidden="true" data-filled={FILLED.has(look.shape) || undefined}>
      <path d={SHAPES[look.shape]} />
    </svg>
  );
}

/** A state: shape, word and colour. */
export function StateMark({ look, children }: { look: Look; children?: React.ReactNode }) {
  return (
    <span className={css.mark} data-tone={look.tone}>
      <StateIcon look={look} />
      {children ?? look.word}
    </span>
  );
}
