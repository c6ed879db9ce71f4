import { noteOf, partsOf } from "@/pages/graph/content";
import type { GraphData } from "@/pages/graph/data";
import { StateMark } from "@/ui/StateMark";
import { clean, count } from "@/words/format";
import { jobLook } from "@/words/states";
import css from "./Stage.module.css";

/** What lies under the pointer. The list beside the picture says the same to those who have none. */
export function Hover({
  node,
  x,
  y,
  data,
  width,
  height,
}: {
  node: number;
  x: number;
  y: number;
  data: GraphData;
  width: number;
  height: number;
}) {
  // towards the middle of the picture, so that it is not cut off
  return (
    <div
      className={css.hover}
      style={{ left: x, top: y }}
      data-left={x > width / 2 || undefined}
      data-up={y > height / 2 || undefined}
      aria-hidden="true"
    >
      <strong>{clean(data.name(node))}</strong>
      <span className="muted">{noteOf(data, node)}</span>
      <span className="row">
        {partsOf(data, node).map(([state, n]) => (
          <StateMark key={state} look={jobLook(state)}>
            {data.parts ? `${count(n)} ${jobLook(state).word}` : jobLook(state).word}
          </StateMark>
        ))}
      </span>
    </div>
  );
}
