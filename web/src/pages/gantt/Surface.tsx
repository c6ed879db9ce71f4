import { useEffect, useMemo, useRef } from "react";
import { COLOURS, type Ink, inkOf, type Palette } from "@/draw/gantt/palette";
import css from "@/pages/gantt/Surface.module.css";
import type { GanttStore } from "@/pages/gantt/store";
import { colour, useTheme } from "@/ui/theme";

/** Colours and patterns of the theme, for canvases. */
export function useInk(): Ink {
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides what colours are
  return useMemo(() => {
    const palette = Object.fromEntries(COLOURS.map((name) => [name, colour(`--${name}`)])) as Palette;
    return inkOf(palette, `12px ${colour("--font")}`, () => document.createElement("canvas"));
  }, [theme]);
}

/** How much room names have at the left of a drawing so wide. */
export function leftOf(width: number): number {
  return width < 560 ? 88 : 184;
}

/**
 * A canvas as wide as there is room, drawn anew when it is rendered, when its size changes and when the store does, at most
 * once a frame.
 */
export function Surface({
  store,
  height,
  paint,
  className,
  main,
}: {
  store: GanttStore;
  height: number;
  paint: (context: CanvasRenderingContext2D, width: number, height: number) => void;
  className?: string | undefined;
  /** Marked with `data-ready` once it is drawn: measurements and tests wait for that. */
  main?: boolean;
}) {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  latest.current = paint;
  const isMain = useRef(main);
  const plan = useRef(() => {});
  useEffect(() => {
    const canvas = ref.current!;
    const context = canvas.getContext("2d");
    let frame = 0;
    const draw = () => {
      frame = 0;
      const { clientWidth: width, clientHeight: high } = canvas;
      if (!context || width === 0) return;
      const ratio = window.devicePixelRatio || 1;
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(high * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(high * ratio);
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, high);
      latest.current(context, width, high);
      if (isMain.current && store.span) canvas.dataset.ready = "";
    };
    plan.current = () => {
      if (!frame) frame = requestAnimationFrame(draw);
    };
    const observer = new ResizeObserver(() => plan.current());
    observer.observe(canvas);
    const stop = store.watch(() => plan.current());
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stop();
    };
  }, [store]);
  useEffect(() => plan.current());
  return (
    <div className={className} style={{ height }} aria-hidden="true">
      <canvas ref={ref} className={css.canvas} />
    </div>
  );
}
