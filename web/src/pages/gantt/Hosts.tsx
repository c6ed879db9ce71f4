import { useMemo, useRef, useState } from "react";
import { binEdges } from "@/draw/gantt/fold";
import { levelAt } from "@/draw/gantt/hit";
import { LaneOrder } from "@/draw/gantt/order";
import { fitted, paintCuts, paintGrid, paintMoment } from "@/draw/gantt/paintFrame";
import { paintHeat } from "@/draw/gantt/paintHeat";
import { peaksOf } from "@/draw/gantt/paintLanes";
import { binAt } from "@/draw/gantt/paintLevels";
import type { Lanes } from "@/draw/gantt/picture";
import { type Plot, timeAt } from "@/draw/gantt/view";
import css from "@/pages/gantt/Chart.module.css";
import { atOnce } from "@/pages/gantt/describe";
import { heatImage } from "@/pages/gantt/images";
import { leftOf, Surface, useInk } from "@/pages/gantt/Surface";
import type { GanttStore } from "@/pages/gantt/store";
import { LaneTip } from "@/pages/gantt/Tip";
import { useGestures } from "@/pages/gantt/useGestures";
import { clean, count, plural } from "@/words/format";

const ROW_PX = 14;
const MOST_PX = 260;

/** Machines over time: when each had something to do, and where it failed. */
export function Hosts({ store, lanes }: { store: GanttStore; lanes: Lanes }) {
  const ink = useInk();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const memory = useRef(new LaneOrder());
  const order = useMemo(() => memory.current.of(lanes), [lanes]);
  const most = useMemo(() => Math.max(1, ...peaksOf(lanes)), [lanes]);
  const image = useMemo(() => heatImage(lanes, order, most, ink.palette.run), [lanes, order, most, ink]);
  const [scroll, setScroll] = useState(0);
  const [hover, setHover] = useState<{ x: number; y: number } | undefined>();
  const height = Math.min(MOST_PX, order.length * ROW_PX);
  useGestures(box, store, { plot: () => plot.current, onPoint: setHover });
  const failed = lanes.failed.reduce((sum, n) => sum + n, 0);
  const words = `${plural(order.length, "machine")}; ${count(failed)} tries failed; the darkest has ${atOnce(most)} at once.`;
  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no element of its own that takes keys */}
      <div
        ref={box}
        className={css.scroll}
        style={{ height }}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        tabIndex={0}
        aria-label={`Machines over time. ${words}`}
        onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
      >
        <Surface
          store={store}
          height={height}
          className={css.canvas}
          paint={(context, width, high) => {
            if (!store.span) return;
            const left = leftOf(width);
            const now: Plot = { fold: store.fold, span: store.span, left, width: width - left - 2 };
            plot.current = now;
            paintGrid(context, now, ink, high);
            paintHeat(context, now, ink, lanes, { image, order, row: ROW_PX, scroll, height: high });
            paintCuts(context, now, ink, high);
            context.font = ink.font;
            context.textBaseline = "middle";
            context.fillStyle = ink.palette.ink;
            for (const [at, lane] of order.entries()) {
              const y = at * ROW_PX - scroll + ROW_PX / 2;
              if (y < -ROW_PX || y > high + ROW_PX) continue;
              context.fillText(
                fitted(clean(lanes.lanes[lane]), left - 14, (t) => context.measureText(t).width),
                8,
                y,
              );
            }
            if (store.cursorTs !== undefined) {
              const colour = ink.palette.edge;
              paintMoment(context, now, ink, { ts: store.cursorTs, height: high, colour, dashed: true });
            }
          }}
        />
        <div style={{ height: Math.max(0, order.length * ROW_PX - height) }} />
      </div>
      {hover && <HostTip lanes={lanes} order={order} hover={hover} scroll={scroll} plot={plot.current} />}
    </div>
  );
}

function HostTip({
  lanes,
  order,
  hover,
  scroll,
  plot,
}: {
  lanes: Lanes;
  order: number[];
  hover: { x: number; y: number };
  scroll: number;
  plot: Plot | undefined;
}) {
  const lane = order[Math.floor((hover.y + scroll) / ROW_PX)];
  if (lane === undefined || !plot || hover.x < plot.left) return null;
  const edges = binEdges(lanes.startTs, lanes.endTs, lanes.bins, lanes.skip);
  const bin = binAt(edges, timeAt(plot, hover.x));
  if (bin === undefined) return null;
  return (
    <LaneTip
      name={lanes.lanes[lane]}
      from={edges[bin]}
      to={edges[bin + 1]}
      {...levelAt(lanes, lane, bin)}
      at={hover}
      still
    />
  );
}
