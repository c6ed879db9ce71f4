import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { Marks } from "@/draw/graph/scene";
import { Board } from "@/pages/graph/board";
import { contentOf } from "@/pages/graph/content";
import { Hover } from "@/pages/graph/Hover";
import { usePaints } from "@/pages/graph/usePaints";
import type { Placed } from "@/pages/graph/useScene";
import css from "./Stage.module.css";

const STEP_PX = 80;
const ZOOM = 1.35;

/** The picture: a canvas that can be moved and zoomed with mouse, fingers and keys, and a map of the whole. */
export function Stage({
  placed,
  marks,
  summary,
  busy,
  board,
  onChoose,
  onOpen,
}: {
  placed: Placed;
  marks: Omit<Marks, "hover">;
  /** The picture in words. */
  summary: string;
  /** Another graph is on its way. */
  busy: boolean;
  board: RefObject<Board | null>;
  onChoose: (node: number) => void;
  onOpen: (node: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState({ node: -1, x: 0, y: 0 });
  const paints = usePaints(placed.data.stateNames);
  const latest = useRef({ onChoose, onOpen });
  latest.current = { onChoose, onOpen };

  useEffect(() => {
    const made = new Board(canvas.current!, map.current!, {
      onHover: (node, x, y) => setHover((old) => (node < 0 && old.node < 0 ? old : { node, x, y })),
      onChoose: (node) => latest.current.onChoose(node),
      onOpen: (node) => latest.current.onOpen(node),
    });
    board.current = made;
    return () => {
      made.destroy();
      board.current = null;
    };
  }, [board]);

  useEffect(() => {
    board.current?.show({ scene: placed.scene, content: contentOf(placed.data), paints }, marks);
  }, [board, placed, marks, paints]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = KEYS[event.key];
    if (does && board.current) does(board.current);
    else if (event.key === "Enter" && marks.chosen >= 0) onOpen(marks.chosen);
    else return;
    event.preventDefault();
  };
  return (
    <div className={css.stage} aria-busy={busy}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: keys move the picture; an image would not be told so */}
      <canvas
        ref={canvas}
        role="application"
        tabIndex={0}
        aria-label={summary}
        className={css.canvas}
        onKeyDown={onKeyDown}
      />
      <canvas ref={map} className={css.map} hidden />
      <div className={css.tools}>
        <button type="button" className="button" onClick={() => board.current?.zoom(ZOOM)} aria-label="Zoom in">
          +
        </button>
        <button type="button" className="button" onClick={() => board.current?.zoom(1 / ZOOM)} aria-label="Zoom out">
          −
        </button>
        <button type="button" className="button" onClick={() => board.current?.fit()}>
          Whole
        </button>
      </div>
      {hover.node >= 0 && hover.node < placed.data.shape.count && (
        <Hover
          {...hover}
          data={placed.data}
          width={canvas.current?.clientWidth ?? 0}
          height={canvas.current?.clientHeight ?? 0}
        />
      )}
    </div>
  );
}

const KEYS: Record<string, (board: Board) => void> = {
  ArrowLeft: (board) => board.pan(STEP_PX, 0),
  ArrowRight: (board) => board.pan(-STEP_PX, 0),
  ArrowUp: (board) => board.pan(0, STEP_PX),
  ArrowDown: (board) => board.pan(0, -STEP_PX),
  "+": (board) => board.zoom(ZOOM),
  "=": (board) => board.zoom(ZOOM),
  "-": (board) => board.zoom(1 / ZOOM),
  "0": (board) => board.fit(),
};
