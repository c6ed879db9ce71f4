/** Colours of a drawing by what they mean; values as a canvas takes them. */

export const COLOURS = [
  "ink",
  "muted",
  "line",
  "edge",
  "paper",
  "sunken",
  "accent",
  "done",
  "done-ink",
  "fail",
  "fail-ink",
  "run",
  "run-ink",
  "queue",
  "queue-ink",
  "held",
  "script",
  "waiting",
] as const;

export type Palette = Record<(typeof COLOURS)[number], string>;

/** What canvases share: hatches are made once for each palette. */
export interface Ink {
  palette: Palette;
  /** Failed: slanting lines over the colour of failure. */
  hatch: CanvasPattern | string;
  /** Held: dots. */
  dots: CanvasPattern | string;
  /** Squeezed time. */
  cut: CanvasPattern | string;
  font: string;
}

/** Patterns for a palette. `make` gives a small canvas to draw on. */
export function inkOf(palette: Palette, font: string, make: () => HTMLCanvasElement): Ink {
  const tile = (size: number, draw: (c: CanvasRenderingContext2D) => void, fallback: string) => {
    const canvas = make();
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext("2d");
    if (!context) return fallback;
    draw(context);
    return context.createPattern(canvas, "repeat") ?? fallback;
  };
  const slanting = (c: CanvasRenderingContext2D, size: number, width: number) => {
    c.lineWidth = width;
    c.beginPath();
    for (const shift of [-size, 0, size]) {
      c.moveTo(shift, size);
      c.lineTo(shift + size, 0);
    }
    c.stroke();
  };
  return {
    palette,
    font,
    hatch: tile(
      6,
      (c) => {
        c.fillStyle = palette.fail;
        c.fillRect(0, 0, 6, 6);
        c.strokeStyle = palette.paper;
        c.globalAlpha = 0.55;
        slanting(c, 6, 1.5);
      },
      palette.fail,
    ),
    dots: tile(
      5,
      (c) => {
        c.fillStyle = palette.held;
        c.fillRect(0, 0, 5, 5);
        c.fillStyle = palette.ink;
        c.fillRect(1, 1, 1.5, 1.5);
      },
      palette.held,
    ),
    cut: tile(
      8,
      (c) => {
        c.fillStyle = palette.sunken;
        c.fillRect(0, 0, 8, 8);
        c.strokeStyle = palette.edge;
        c.globalAlpha = 0.5;
        slanting(c, 8, 1);
      },
      palette.sunken,
    ),
  };
}
