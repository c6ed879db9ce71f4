import { type KeyboardEvent, useCallback, useRef, useSyncExternalStore } from "react";
import { toTime } from "@/draw/gantt/fold";
import { paintCuts } from "@/draw/gantt/paintFrame";
import { edgesOf, niceAbove, paintLevels, peakOf } from "@/draw/gantt/paintLevels";
import type { Concurrency } from "@/draw/gantt/picture";
import { foldedAt, type Plot, type Span } from "@/draw/gantt/view";
import css from "@/pages/gantt/Strip.module.css";
import { leftOf, Surface, useInk } from "@/pages/gantt/Surface";
import type { GanttStore } from "@/pages/gantt/store";
import { exactly, moment } from "@/words/format";

const HEIGHT_PX = 44;
const GRIP_PX = 9;
type Drag = { what: "new" | "move" | "from" | "to"; at: number; span: Span };

/** All of the run, and a window over it that can be moved, drawn anew, and taken at its edges. */
export function Strip({ store, levels }: { store: GanttStore; levels: Concurrency }) {
  const ink = useInk();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const drag = useRef<Drag | undefined>(undefined);
  const edges = edgesOf(levels);

  const placeOf = (event: React.PointerEvent) => {
    const x = event.clientX - box.current!.getBoundingClientRect().left;
    return { x, at: foldedAt(plot.current!, x) };
  };
  const down = (event: React.PointerEvent) => {
    if (!plot.current || !store.span || event.button !== 0) return;
    const { at } = placeOf(event);
    const grip = (GRIP_PX / plot.current.width) * (plot.current.span.to - plot.current.span.from);
    const span = store.span;
    const what =
      Math.abs(at - span.from) < grip
        ? "from"
        : Math.abs(at - span.to) < grip
          ? "to"
          : at > span.from && at < span.to && !store.isWhole()
            ? "move"
            : "new";
    drag.current = { what, at, span };
    box.current!.setPointerCapture(event.pointerId);
  };
  const move = (event: React.PointerEvent) => {
    if (!drag.current || !plot.current) return;
    const { at } = placeOf(event);
    const next = dragged(drag.current, at);
    if (next.to - next.from > (plot.current.span.to - plot.current.span.from) / plot.current.width) store.look(next);
  };
  const up = () => {
    drag.current = undefined;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no element of its own that takes keys
    // biome-ignore lint/a11y/noNoninteractiveElementInteractions: the two handles inside do the same by keys
    <div
      ref={box}
      className={css.box}
      role="group"
      aria-label="What is seen of the whole run"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onDoubleClick={() => store.lookAtAll()}
    >
      <Surface
        store={store}
        height={HEIGHT_PX}
        paint={(context, width, height) => {
          if (!store.whole || !store.span) return;
          const left = leftOf(width);
          const now: Plot = { fold: store.fold, span: store.whole, left, width: width - left - 2 };
          plot.current = now;
          const most = niceAbove(peakOf(levels, edges, levels.startTs, levels.endTs));
          context.fillStyle = ink.palette.sunken;
          context.fillRect(left, 0, now.width, height);
          paintLevels(context, now, ink, levels, edges, { top: 4, bottom: height, most, mark: 4 });
          paintCuts(context, now, ink, height);
          const scale = now.width / (store.whole.to - store.whole.from);
          const a = left + (store.span.from - store.whole.from) * scale;
          const b = Math.max(a + 2, left + (store.span.to - store.whole.from) * scale);
          context.fillStyle = ink.palette.paper;
          context.globalAlpha = 0.66;
          context.fillRect(left, 0, Math.max(0, a - left), height);
          context.fillRect(b, 0, Math.max(0, left + now.width - b), height);
          context.globalAlpha = 1;
          context.strokeStyle = ink.palette.accent;
          context.lineWidth = 2;
          context.strokeRect(a, 1, b - a, height - 2);
          context.fillStyle = ink.palette.accent;
          for (const x of [a, b]) context.fillRect(x - 3, height / 2 - 9, 6, 18);
          context.font = ink.font;
          context.textBaseline = "middle";
          context.fillStyle = ink.palette.muted;
          context.fillText("Whole run", 8, height / 2);
        }}
      />
      <Handle store={store} end="from" />
      <Handle store={store} end="to" />
    </div>
  );
}

/** What is seen after the pointer went to `at`. */
function dragged(drag: Drag, at: number): Span {
  const { span, what } = drag;
  const by = at - drag.at;
  if (what === "move") return { from: span.from + by, to: span.to + by };
  const [a, b] = what === "new" ? [drag.at, at] : what === "from" ? [at, span.to] : [span.from, at];
  return { from: Math.min(a, b), to: Math.max(a, b) };
}

/** An edge of the window, for keys: arrows move it by a hundredth of the run. */
function Handle({ store, end }: { store: GanttStore; end: "from" | "to" }) {
  const read = useCallback(() => store.span?.[end], [store, end]);
  const at = useSyncExternalStore(store.watch, read);
  if (at === undefined || !store.whole || !store.span) return null;
  const { whole } = store;
  const share = (at - whole.from) / (whole.to - whole.from);
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    const span = store.span;
    if (by === undefined || !span) return;
    event.preventDefault();
    const moved = Math.min(whole.to, Math.max(whole.from, at + by * (whole.to - whole.from)));
    const next = { ...span, [end]: moved };
    if (next.to > next.from) store.look(next);
  };
  const ts = toTime(store.fold, at);
  return (
    <span
      className={css.handle}
      style={{ "--share": share } as React.CSSProperties}
      role="slider"
      tabIndex={0}
      aria-label={end === "from" ? "Begin of what is seen" : "End of what is seen"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={moment(ts)}
      title={exactly(ts)}
      onKeyDown={onKey}
    />
  );
}
