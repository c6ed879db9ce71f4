import type { Dyes } from "@/draw/graph/raster";
import { mixed, pixelOf } from "@/draw/graph/raster";

/** Colours and shapes of a picture, by number of state. The hex colours come from `styles/tokens.css`. */
export interface Paints {
  ground: string;
  paper: string;
  ink: string;
  muted: string;
  line: string;
  edge: string;
  accent: string;
  fill: string[];
  wash: string[];
  text: string[];
  icons: Path2D[];
  /** Icons that are filled, not drawn. */
  solid: boolean[];
  font: string;
  /** Pixels of the device for one of the page. */
  ratio: number;
  /** States in the order of bars. */
  order: number[];
  dyes: Dyes;
}

/** How one state looks. */
export interface StatePaint {
  fill: string;
  wash: string;
  text: string;
  icon: Path2D;
  solid: boolean;
  urgent: boolean;
}

type Plain = Pick<Paints, "ground" | "paper" | "ink" | "muted" | "line" | "edge" | "accent" | "font" | "ratio">;

const PALE = 0.78;

/** All paints from the plain colours and the looks of states. */
export function paintsOf(plain: Plain, states: StatePaint[], order: number[]): Paints {
  return {
    ...plain,
    order,
    fill: states.map((one) => one.fill),
    wash: states.map((one) => one.wash),
    text: states.map((one) => one.text),
    icons: states.map((one) => one.icon),
    solid: states.map((one) => one.solid),
    dyes: {
      colour: Uint32Array.from(states, (one) => pixelOf(one.fill)),
      pale: Uint32Array.from(states, (one) => pixelOf(mixed(one.fill, plain.paper, PALE))),
      urgent: Uint8Array.from(states, (one) => (one.urgent ? 1 : 0)),
    },
  };
}
