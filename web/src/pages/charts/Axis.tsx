import type { Mark } from "@/draw/charts/scale";
import css from "@/pages/charts/Rows.module.css";

/** Labels of an axis that all rows share. */
export function Axis({ marks }: { marks: Mark[] }) {
  return (
    <div className={css.axis} aria-hidden="true">
      {marks.map(({ at, label }) => (
        <span
          key={label}
          style={{ left: `${at * 100}%` }}
          data-first={at < 0.03 || undefined}
          data-last={at > 0.97 || undefined}
        >
          {label}
        </span>
      ))}
    </div>
  );
}

/** Lines of the marks behind what a row shows, in a picture of `height`. */
export function Lines({ marks, height }: { marks: Mark[]; height: number }) {
  return marks.map(({ at, label }) => (
    <line key={label} className={css.grid} x1={`${at * 100}%`} x2={`${at * 100}%`} y1={0} y2={height} />
  ));
}
