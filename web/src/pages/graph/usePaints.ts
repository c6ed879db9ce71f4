import { useMemo } from "react";
import { type Paints, paintsOf } from "@/draw/graph/paints";
import { FILLED, SHAPES } from "@/ui/shapes";
import { colour, useTheme } from "@/ui/theme";
import { JOB_STATES, jobLook } from "@/words/states";

/** What is painted over all else, however small. */
const URGENT: ReadonlySet<string> = new Set(["failed", "held"]);

/** The paints of these states in the theme that is shown. */
export function usePaints(stateNames: readonly string[]): Paints {
  const theme = useTheme();
  const key = stateNames.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what `colour` gives
  return useMemo(() => {
    const names = key.split(" ");
    const states = names.map((name) => {
      const { tone, shape } = jobLook(name);
      return {
        fill: colour(`--${tone}`),
        wash: colour(`--${tone}-wash`),
        text: colour(`--${tone}-ink`),
        icon: new Path2D(SHAPES[shape]),
        solid: FILLED.has(shape),
        urgent: URGENT.has(name),
      };
    });
    const plain = {
      ground: colour("--paper"),
      paper: colour("--paper"),
      ink: colour("--ink"),
      muted: colour("--muted"),
      line: colour("--line"),
      edge: colour("--edge"),
      accent: colour("--accent"),
      font: colour("--font"),
      ratio: devicePixelRatio,
    };
    const order = [...JOB_STATES, "service"].map((name) => names.indexOf(name)).filter((state) => state >= 0);
    return paintsOf(plain, states, order);
  }, [key, theme]);
}
