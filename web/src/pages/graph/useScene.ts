import { useEffect, useRef, useState } from "react";
import { layoutOf } from "@/draw/graph/layout";
import { type Shape, sameShape } from "@/draw/graph/neighbours";
import { type Scene, sceneOf } from "@/draw/graph/scene";
import type { GraphData } from "@/pages/graph/data";
import type { Told, Wanted } from "@/pages/graph/layout.worker";

/** Up to so many nodes are laid out at once: it takes less than two frames. */
const AT_ONCE = 1500;

/** A graph to lay out, with the latest that is known of its states. */
interface Request {
  shape: Shape;
  aspect: number;
  data: GraphData;
}

/** The places of a graph with the data that are drawn there. `scene` stays the same while only states change. */
export interface Placed {
  scene: Scene;
  data: GraphData;
  request: Request;
}

/** Lay out a graph, anew only when who waits for whom has changed; until a large one is there, the one before stays. */
export function useScene(data: GraphData | undefined, aspect: number): Placed | undefined {
  const [placed, setPlaced] = useState<Placed>();
  const last = useRef<Request>(undefined);
  const layouter = useLayouter();
  useEffect(() => {
    if (!data) return;
    const was = last.current;
    if (was && was.aspect === aspect && was.data.sort === data.sort && sameShape(was.shape, data.shape)) {
      was.data = data;
      setPlaced((old) => (old?.request === was ? { ...old, data } : old));
      return;
    }
    const request: Request = { shape: data.shape, aspect, data };
    last.current = request;
    const put = (scene: Scene) => {
      if (last.current === request) setPlaced({ scene, data: request.data, request });
    };
    if (data.shape.count > AT_ONCE) layouter({ shape: data.shape, sort: data.sort, aspect }, put);
    else put(sceneOf(data.shape, layoutOf(data.shape, data.sort, aspect)));
  }, [data, aspect, layouter]);
  return placed;
}

type Layouter = (wanted: Omit<Wanted, "number">, done: (scene: Scene) => void) => void;

/** Layouts in a worker of this page; it is begun with the first. */
function useLayouter(): Layouter {
  const worker = useRef<Worker>(undefined);
  const waiting = useRef(new Map<number, (scene: Scene) => void>());
  const number = useRef(0);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = undefined;
    },
    [],
  );
  const lay = useRef<Layouter>((wanted, done) => {
    worker.current ??= begun(waiting.current);
    number.current += 1;
    waiting.current.set(number.current, done);
    worker.current.postMessage({ ...wanted, number: number.current } satisfies Wanted);
  });
  return lay.current;
}

function begun(waiting: Map<number, (scene: Scene) => void>): Worker {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    waiting.get(data.number)?.(data.scene);
    waiting.delete(data.number);
  });
  return worker;
}
