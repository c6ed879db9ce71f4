import { paintAxis } from "@/draw/gantt/paintFrame";
import css from "@/pages/gantt/Chart.module.css";
import { leftOf, Surface, useInk } from "@/pages/gantt/Surface";
import type { GanttStore } from "@/pages/gantt/store";
import { coarse } from "@/words/format";

/** The times of what is seen. */
export function Axis({ store }: { store: GanttStore }) {
  const ink = useInk();
  return (
    <div className={css.axis}>
      <Surface
        store={store}
        height={20}
        paint={(context, width) => {
          if (!store.span) return;
          const left = leftOf(width);
          paintAxis(context, { fold: store.fold, span: store.span, left, width: width - left - 2 }, ink, coarse);
        }}
      />
    </div>
  );
}
