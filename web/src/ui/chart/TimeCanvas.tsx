import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { type Box, binAt } from "@/draw/charts/stack";
import { colour, useTheme } from "@/ui/theme";
import css from "./TimeCanvas.module.css";

/** Room for labels around the picture, in pixels. */
const LEFT = 46;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 26;
/** A drag that is shorter is a click. */
const LEAST_DRAG_PX = 5;

/**
 * A picture over bins of time on a canvas. `paint` draws it anew when its size, the theme or what it shows change; a
 * pointer over it is told of the bin beneath it, and a drag across it chooses a part of time (from 0 to 1).
 */
export function TimeCanvas({
  label,
  bins,
  height,
  paint,
  wordsAt,
  onChoose,
}: {
  label: string;
  bins: number;
  height: number;
  paint: (ctx: CanvasRenderingContext2D, box: Box) => void;
  wordsAt: (bin: number) => ReactNode;
  onChoose: (from: number, to: number) => void;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(frame);
  const shown = useTheme();
  const [at, setAt] = useState<number>();
  const [drag, setDrag] = useState<[from: number, to: number]>();
  const box = { left: LEFT, top: TOP, width: Math.max(10, width - LEFT - RIGHT), height: height - TOP - BOTTOM };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme
  useEffect(() => {
    const ctx = canvas.current?.getContext("2d");
    if (!ctx || !canvas.current || width === 0) return;
    const dense = window.devicePixelRatio || 1;
    canvas.current.width = Math.round(width * dense);
    canvas.current.height = Math.round(height * dense);
    ctx.setTransform(dense, 0, 0, dense, 0, 0);
    ctx.clearRect(0, 0, width, height);
    paint(ctx, box);
  }, [paint, width, height, shown]);

  const place = (event: PointerEvent) => {
    const x = event.clientX - (frame.current?.getBoundingClientRect().left ?? 0);
    return Math.min(box.left + box.width, Math.max(box.left, x));
  };
  const end = () => {
    if (drag && Math.abs(drag[1] - drag[0]) >= LEAST_DRAG_PX) {
      const [from, to] = drag.map((x) => (x - box.left) / box.width).toSorted((a, b) => a - b);
      onChoose(from, to);
    }
    setDrag(undefined);
  };
  const bin = at === undefined ? undefined : binAt(at, box, bins);
  return (
    <div
      ref={frame}
      className={css.frame}
      style={{ height }}
      onPointerMove={(event) => {
        setAt(place(event));
        if (drag) setDrag([drag[0], place(event)]);
      }}
      onPointerLeave={() => setAt(undefined)}
      onPointerDown={(event) => {
        if (event.pointerType === "touch" || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([place(event), place(event)]);
      }}
      onPointerUp={end}
      onPointerCancel={() => setDrag(undefined)}
    >
      <canvas ref={canvas} className={css.canvas} role="img" aria-label={label} />
      {bin !== undefined && at !== undefined && (
        <>
          <span className={css.line} style={{ left: at, top: box.top, height: box.height }} />
          <div className={css.tip} style={at < width / 2 ? { left: at + 12 } : { right: width - at + 12 }}>
            {wordsAt(bin)}
          </div>
        </>
      )}
      {drag && (
        <span
          className={css.chosen}
          style={{
            left: Math.min(...drag),
            width: Math.abs(drag[1] - drag[0]),
            top: box.top,
            height: box.height,
          }}
        />
      )}
    </div>
  );
}

/** What axes are drawn with, in the colours of now. */
export function ink(): { text: string; line: string; font: string } {
  return { text: colour("--muted"), line: colour("--line"), font: `11px ${colour("--font")}` };
}

function useWidth(of: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!of.current) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(of.current);
    return () => observer.disconnect();
  }, [of]);
  return width;
}
