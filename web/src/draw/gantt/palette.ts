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
  const tile = (size: number, ground: string, draw: (c: CanvasRenderingContext2D) => void) => {
    const canvas = make();
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext("2d");
    if (!context) return ground;
    context.fillStyle = ground;
    context.fillRect(0, 0, size, size);
    draw(context);
    return context.createPattern(canvas, "repeat") ?? ground;
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
    hatch: tile(6, palette.fail, (c) => {
      c.strokeStyle = palette.paper;
      c.globalAlpha = 0.55;
      slanting(c, 6, 1.5);
    }),
    dots: tile(5, palette.held, (c) => {
      c.fillStyle = palette.ink;
      c.fillRect(1, 1, 1.5, 1.5);
    }),
    cut: tile(8, palette.sunken, (c) => {
      c.strokeStyle = palette.edge;
      c.globalAlpha = 0.5;
      slanting(c, 8, 1);
    }),
  };
}
