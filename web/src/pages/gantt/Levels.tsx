import { useRef, useSyncExternalStore } from "react";
import { paintCuts, paintGrid, paintMoment } from "@/draw/gantt/paintFrame";
import { binAt, edgesOf, niceAbove, paintLevels, peakOf, SERIES } from "@/draw/gantt/paintLevels";
import type { Concurrency } from "@/draw/gantt/picture";
import type { Plot } from "@/draw/gantt/view";
import { atOnce } from "@/pages/gantt/describe";
import css from "@/pages/gantt/Levels.module.css";
import { leftOf, Surface, useInk } from "@/pages/gantt/Surface";
import type { GanttStore } from "@/pages/gantt/store";
import { useGestures } from "@/pages/gantt/useGestures";
import { count } from "@/words/format";

const HEIGHT_PX = 112;
const WORDS = { running: "running", scripts: "in scripts", held: "held", queued: "waiting" } as const;

/** How many ran and waited at once, on the same axis of time. */
export function Levels({
  store,
  levels,
  nowTs,
  runs,
}: {
  store: GanttStore;
  levels: Concurrency;
  nowTs: number;
  runs: boolean;
}) {
  const ink = useInk();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  useGestures(box, store, { plot: () => plot.current });
  const edges = edgesOf(levels);
  return (
    <div>
      <Legend store={store} levels={levels} edges={edges} />
      <div ref={box} className={css.box}>
        <Surface
          store={store}
          height={HEIGHT_PX}
          paint={(context, width, height) => {
            const seen = store.seen();
            if (!store.span || !seen) return;
            const left = leftOf(width);
            const now: Plot = { fold: store.fold, span: store.span, left, width: width - left - 2 };
            plot.current = now;
            const most = niceAbove(peakOf(levels, edges, seen.start, seen.end));
            paintGrid(context, now, ink, height);
            paintScale(context, left, width, height, most, ink.palette, ink.font);
            paintLevels(context, now, ink, levels, edges, { top: 8, bottom: height - 1, most, mark: 7 });
            paintCuts(context, now, ink, height);
            if (runs) paintMoment(context, now, ink, { ts: nowTs, height, colour: ink.palette.accent });
            if (store.cursorTs !== undefined) {
              paintMoment(context, now, ink, { ts: store.cursorTs, height, colour: ink.palette.edge, dashed: true });
            }
          }}
        />
      </div>
    </div>
  );
}

function paintScale(
  context: CanvasRenderingContext2D,
  left: number,
  width: number,
  height: number,
  most: number,
  palette: { line: string; muted: string },
  font: string,
): void {
  context.font = font;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const share of [0, 0.5, 1]) {
    const y = height - 1 - share * (height - 9);
    context.fillStyle = palette.line;
    context.fillRect(left, Math.round(y), width - left, 1);
    context.fillStyle = palette.muted;
    if (Number.isInteger(share * most)) {
      context.fillText(count(share * most), left - 8, Math.min(height - 7, Math.max(7, y)));
    }
  }
  context.textAlign = "left";
}

/** What the colours mean, with the values under the pointer. */
function Legend({ store, levels, edges }: { store: GanttStore; levels: Concurrency; edges: Float64Array }) {
  const bin = useSyncExternalStore(store.watch, () =>
    store.cursorTs === undefined ? undefined : binAt(edges, store.cursorTs),
  );
  return (
    <ul className={css.legend} aria-label="At once">
      {SERIES.map((name) => (
        <li key={name}>
          <span className={css.swatch} data-tone={name} aria-hidden="true" />
          {WORDS[name]}
          {bin !== undefined && <b className="number"> {atOnce(levels[name][bin])}</b>}
        </li>
      ))}
      <li>
        <span className={css.mark} aria-hidden="true" />
        failed
        {bin !== undefined && <b className="number"> {count(levels.failed[bin])}</b>}
      </li>
    </ul>
  );
}
