import { useMemo, useRef, useState } from "react";
import { binEdges } from "@/draw/gantt/fold";
import { barAt, levelAt } from "@/draw/gantt/hit";
import { laneAt } from "@/draw/gantt/layout";
import { binAt } from "@/draw/gantt/paintLevels";
import type { Gantt } from "@/draw/gantt/picture";
import { foldedAt, type Plot, timeAt } from "@/draw/gantt/view";
import css from "@/pages/gantt/Chart.module.css";
import { summaryOf, tellBar } from "@/pages/gantt/describe";
import { areasImage } from "@/pages/gantt/images";
import { paintBody } from "@/pages/gantt/paintBody";
import { leftOf, Surface, useInk } from "@/pages/gantt/Surface";
import type { GanttStore } from "@/pages/gantt/store";
import { BarTip, LaneTip } from "@/pages/gantt/Tip";
import { useBody } from "@/pages/gantt/useBody";
import { type Chosen, useChosen } from "@/pages/gantt/useChosen";
import { useGestures } from "@/pages/gantt/useGestures";

/** Most that the drawing takes of the window. */
const roomOf = () => Math.max(240, Math.min(620, Math.round(window.innerHeight * 0.56)));

/** Tries over time. `onOpen` is called with a try that somebody wants to see. */
export function Chart({
  store,
  gantt,
  phases,
  nowTs,
  runs,
  old,
  onOpen,
}: {
  store: GanttStore;
  gantt: Gantt;
  phases: boolean;
  nowTs: number;
  runs: boolean;
  old: boolean;
  onOpen: (told: { uuid: string; name: string }) => void;
}) {
  const ink = useInk();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [room] = useState(roomOf);
  const body = useBody(gantt, phases, room);
  const [hover, setHover] = useState<{ x: number; y: number; bar?: number | undefined } | undefined>();
  const [mark, setMark] = useState<[number, number] | undefined>();
  const [scroll, setScroll] = useState(0);
  const chosen: Chosen = useChosen(body, store, phases);
  // while it runs, lanes come: what stands below stays where it is
  const height = runs ? room : Math.min(room, body.layout.height);

  const under = (at: { x: number; y: number }) => {
    const now = plot.current;
    if (!now || body.level !== "bars" || at.x < now.left) return undefined;
    const seconds = timeAt(now, at.x) - body.gantt.startTs;
    const slack = (timeAt(now, at.x + 3) - timeAt(now, at.x - 3)) / 2;
    const y = at.y + (box.current?.scrollTop ?? 0);
    return barAt(body.gantt, body.index, body.layout, {
      seconds,
      slack,
      y,
      phases,
      now: nowTs - body.gantt.startTs,
    });
  };
  useGestures(box, store, {
    plot: () => plot.current,
    onMark: setMark,
    onPoint: (at) => setHover(at && { ...at, bar: under(at) }),
    onClick: (at) => {
      const bar = under(at);
      if (bar !== undefined && body.level === "bars") {
        if (at.touch) chosen.choose(bar);
        else onOpen(tellBar(body.gantt, bar, nowTs));
      } else if (body.level === "lanes" && plot.current && at.x > plot.current.left) {
        store.zoom(0.25, foldedAt(plot.current, at.x));
      }
    },
  });
  const areas = useMemo(
    () => (body.level === "lanes" ? areasImage(body.gantt, body.peaks, body.layout, ink.palette.run) : undefined),
    [body, ink],
  );
  const shownBar = hover?.bar ?? chosen.bar;
  const summary = useMemo(() => summaryOf(gantt), [gantt]);
  return (
    <div className={css.frame} data-old={old || undefined}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementInteractions: the keys are those of the drawing inside */}
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no element of its own that takes keys */}
      <div
        ref={box}
        className={css.scroll}
        style={{ height, cursor: hover?.bar !== undefined ? "pointer" : undefined }}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move in it, Enter opens; the list below says the same
        tabIndex={0}
        aria-label={`Tries over time. ${summary}`}
        aria-describedby="gantt-keys"
        onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
        onKeyDown={(event) =>
          chosen.onKey(event, box.current, (bar) => {
            if (body.level === "bars") onOpen(tellBar(body.gantt, bar, nowTs));
          })
        }
      >
        <Surface
          store={store}
          height={height}
          className={css.canvas}
          main
          paint={(context, width, high) => {
            if (!store.span) return;
            const left = leftOf(width);
            const now: Plot = { fold: store.fold, span: store.span, left, width: width - left - 2 };
            plot.current = now;
            const scene = { plot: now, layout: body.layout, scroll, height: high, nowTs, ink };
            const lane = chosen.lane;
            paintBody(context, scene, body, {
              phases,
              bar: shownBar,
              lane,
              runs,
              cursorTs: store.cursorTs,
              mark,
              areas,
            });
          }}
        />
        <div style={{ height: Math.max(0, body.layout.height - height) }} />
      </div>
      {hover && <HoverTip body={body} hover={hover} scroll={scroll} plot={plot.current} nowTs={nowTs} />}
      {!hover && chosen.bar !== undefined && body.level === "bars" && (
        <BarTip told={tellBar(body.gantt, chosen.bar, nowTs)} fixed />
      )}
      <p className="visually-hidden" aria-live="polite">
        {chosen.words(nowTs)}
      </p>
    </div>
  );
}

/** What lies under the pointer. */
function HoverTip({
  body,
  hover,
  scroll,
  plot,
  nowTs,
}: {
  body: ReturnType<typeof useBody>;
  hover: { x: number; y: number; bar?: number | undefined };
  scroll: number;
  plot: Plot | undefined;
  nowTs: number;
}) {
  if (body.level === "bars") {
    return hover.bar === undefined ? null : <BarTip told={tellBar(body.gantt, hover.bar, nowTs)} at={hover} />;
  }
  const lane = laneAt(body.layout, hover.y + scroll)?.lane;
  if (lane === undefined || !plot || hover.x < plot.left) return null;
  const { gantt } = body;
  const edges = binEdges(gantt.startTs, gantt.endTs, gantt.bins, gantt.skip);
  const bin = binAt(edges, timeAt(plot, hover.x));
  if (bin === undefined) return null;
  const level = levelAt(gantt, lane, bin);
  return <LaneTip name={gantt.lanes[lane]} from={edges[bin]} to={edges[bin + 1]} {...level} at={hover} />;
}
