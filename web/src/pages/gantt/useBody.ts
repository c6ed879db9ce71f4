import { useMemo, useRef } from "react";
import { type BarIndex, indexOf } from "@/draw/gantt/hit";
import { type Layout, layAreas, layBars } from "@/draw/gantt/layout";
import { LaneOrder } from "@/draw/gantt/order";
import { type Packed, pack } from "@/draw/gantt/pack";
import { peaksOf } from "@/draw/gantt/paintLanes";
import type { Bars, Gantt, Lanes } from "@/draw/gantt/picture";

/** A picture with everything that drawing and pointing need. */
export type Body = { order: number[]; layout: Layout } & (
  | { level: "bars"; gantt: Bars; packed: Packed; index: BarIndex }
  | { level: "lanes"; gantt: Lanes; peaks: Float32Array }
);

/** A picture laid out in so much room (pixels). Lanes keep their order while one looks around. */
export function useBody(gantt: Gantt, phases: boolean, room: number): Body {
  const orders = useRef(new Map<string, LaneOrder>());
  return useMemo(() => {
    const remembered = orders.current.get(gantt.by) ?? new LaneOrder();
    orders.current.set(gantt.by, remembered);
    const order = remembered.of(gantt);
    if (gantt.level === "lanes") {
      return { level: "lanes", gantt, order, layout: layAreas(order, room), peaks: peaksOf(gantt) };
    }
    const packed = pack(gantt, phases);
    const layout = layBars(packed.rows, order, room);
    return { level: "bars", gantt, order, layout, packed, index: indexOf(gantt, packed) };
  }, [gantt, phases, room]);
}
