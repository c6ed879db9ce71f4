/** All of the main drawing: lines, lanes or bars, names, now, the pointer, and what is chosen. */

import { drawnEnd } from "@/draw/gantt/hit";
import { PAD_PX } from "@/draw/gantt/layout";
import { beginOf } from "@/draw/gantt/pack";
import { paintBars, type Scene } from "@/draw/gantt/paintBars";
import { paintCuts, paintGrid, paintMoment, paintNames, paintStripes } from "@/draw/gantt/paintFrame";
import { paintLanes, paintPeaks } from "@/draw/gantt/paintLanes";
import { xOf } from "@/draw/gantt/view";
import { atOnce, noteOfLane } from "@/pages/gantt/describe";
import type { Body } from "@/pages/gantt/useBody";
import { clean } from "@/words/format";

export interface Shown {
  phases: boolean;
  /** The bar under the pointer or chosen by keys. */
  bar: number | undefined;
  lane: number | undefined;
  /** While it runs: a line at now. */
  runs: boolean;
  cursorTs: number | undefined;
  mark: [number, number] | undefined;
  /** Of lanes: their areas, to be stretched. */
  areas: CanvasImageSource | undefined;
}

/** Draw it. */
export function paintBody(context: CanvasRenderingContext2D, scene: Scene, body: Body, shown: Shown): void {
  const { plot, ink, height } = scene;
  paintGrid(context, plot, ink, height);
  paintStripes(context, scene);
  context.save();
  context.beginPath();
  context.rect(plot.left, 0, plot.width, height);
  context.clip();
  if (body.level === "bars") paintBars(context, scene, body.gantt, body.packed, shown.phases);
  else if (shown.areas) paintLanes(context, scene, body.gantt, body.peaks, shown.areas);
  paintCuts(context, plot, ink, height);
  if (body.level === "bars" && shown.bar !== undefined) outline(context, scene, body, shown.bar, shown.phases);
  context.restore();
  paintNames(
    context,
    scene,
    (lane) => ({
      name: clean(body.gantt.lanes[lane]),
      note: body.level === "lanes" ? noteOfLane(body.gantt, lane) : undefined,
    }),
    shown.lane,
  );
  if (body.level === "lanes") paintPeaks(context, scene, (lane) => atOnce(body.peaks[lane]));
  if (shown.runs) {
    paintMoment(context, plot, ink, { ts: scene.nowTs, height, colour: ink.palette.accent, word: "now" });
  }
  if (shown.cursorTs !== undefined) {
    paintMoment(context, plot, ink, { ts: shown.cursorTs, height, colour: ink.palette.edge, dashed: true });
  }
  if (shown.mark) {
    const [a, b] = shown.mark.toSorted((x, y) => x - y);
    context.fillStyle = ink.palette.accent;
    context.globalAlpha = 0.18;
    context.fillRect(a, 0, b - a, height);
    context.globalAlpha = 1;
  }
}

function outline(
  context: CanvasRenderingContext2D,
  scene: Scene,
  body: Extract<Body, { level: "bars" }>,
  bar: number,
  phases: boolean,
): void {
  const { gantt, layout, packed } = body;
  const start = gantt.startTs + beginOf(gantt, bar, phases);
  const end = gantt.startTs + drawnEnd(gantt, bar, phases, scene.nowTs - gantt.startTs);
  const left = Math.max(scene.plot.left - 4, xOf(scene.plot, start));
  const right = Math.min(scene.plot.left + scene.plot.width + 4, xOf(scene.plot, end));
  const y = layout.yOf[gantt.lane[bar]] + PAD_PX + packed.row[bar] * layout.rowHeight - scene.scroll;
  context.strokeStyle = scene.ink.palette.ink;
  context.lineWidth = 2;
  context.strokeRect(left - 1, y - 1, Math.max(3, right - left) + 2, layout.rowHeight + 1);
}
