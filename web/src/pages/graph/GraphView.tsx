import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import type { WorkflowStatus } from "@/api/schema";
import type { Board } from "@/pages/graph/board";
import { Chosen } from "@/pages/graph/Chosen";
import { nodeOf } from "@/pages/graph/data";
import css from "@/pages/graph/graph.module.css";
import { NodeList } from "@/pages/graph/NodeList";
import { Nothing } from "@/pages/graph/Nothing";
import { pathOf } from "@/pages/graph/path";
import { shownView } from "@/pages/graph/queries";
import { Stage } from "@/pages/graph/Stage";
import type { GraphSearch } from "@/pages/graph/search";
import { Toolbar } from "@/pages/graph/Toolbar";
import { useGraph } from "@/pages/graph/useGraph";
import { useScene } from "@/pages/graph/useScene";
import { useWide } from "@/pages/graph/useWide";
import { commandOf, said, summaryOf } from "@/pages/graph/words";
import { Command } from "@/ui/Copy";
import { useKeys } from "@/ui/keys";
import { Failed, Loading } from "@/ui/Said";

/** The picture with what is chosen in it, the list of its nodes, and what can be shown instead. */
export function GraphView({
  uuid,
  own,
  all,
  search,
  onSearch,
}: {
  uuid: string;
  own: WorkflowStatus;
  all: readonly WorkflowStatus[];
  search: GraphSearch;
  onSearch: (change: GraphSearch) => void;
}) {
  const navigate = useNavigate();
  const board = useRef<Board>(null);
  const view = shownView(search, own.nodes.total);
  const graph = useGraph(uuid, view, search, own, all);
  const placed = useScene(graph.data, useWide() ? 1.6 : 0.8);
  const data = placed?.data;
  const chosen = useMemo(() => (data ? nodeOf(data, search.at) : -1), [data, search.at]);
  const scene = placed?.scene;
  const path = useMemo(() => scene && pathOf(scene, chosen, search.path), [scene, chosen, search.path]);
  const marks = useMemo(() => ({ chosen, ...(path ? { path } : {}) }), [chosen, path]);

  const choose = (node: number, centre = false) => {
    onSearch(node < 0 || !data ? { at: undefined, path: undefined } : { at: data.key(node) });
    if (centre && node >= 0) board.current?.centre(node);
  };
  const open = (node: number) => {
    const below = data?.nested.get(node);
    if (below !== undefined && below !== uuid) void navigate({ to: "/workflows/$uuid/graph", params: { uuid: below } });
    else if (data?.sort === "jobs") {
      void navigate({ to: "/workflows/$uuid/jobs/$name", params: { uuid, name: data.name(node) } });
    }
  };
  const failing = () => {
    const failed = data?.stateNames.indexOf("failed") ?? -1;
    if (!data || failed < 0) return;
    const next = data.states.indexOf(failed, chosen + 1);
    choose(next < 0 ? data.states.indexOf(failed) : next, true);
  };
  useKeys({
    x: { does: "next that failed", run: failing },
    Escape: { does: "choose nothing", run: () => choose(-1) },
    "0": { does: "the whole graph", run: () => board.current?.fit() },
  });

  const nothing = data && !graph.waits && data.shape.count === 0;
  return (
    <div className={css.page}>
      <Toolbar view={view} search={search} failed={own.nodes.failed} workflows={all.length} />
      {said(search, view, own.nodes.total, data?.cut ?? false) && (
        <p className="muted" role="status">
          {said(search, view, own.nodes.total, data?.cut ?? false)}
        </p>
      )}
      {graph.error ? (
        <Failed error={graph.error} again={graph.again} />
      ) : !placed || !data ? (
        <Loading what="the graph" lines={8} />
      ) : nothing ? (
        <Nothing view={view} running={own.state === "running"} />
      ) : (
        <div className={css.split}>
          <Stage
            placed={placed}
            marks={marks}
            summary={summaryOf(data, graph.shown)}
            busy={graph.waits || graph.data !== data}
            board={board}
            onChoose={choose}
            onOpen={open}
          />
          <div className={css.side}>
            {chosen >= 0 && (
              <Chosen
                uuid={uuid}
                placed={placed}
                node={chosen}
                search={search}
                onChoose={(node) => choose(node, true)}
              />
            )}
            <NodeList
              data={data}
              graph={placed.scene}
              chosen={chosen}
              onChoose={(node) => choose(node, true)}
              onOpen={open}
            />
          </div>
        </div>
      )}
      <footer className={css.foot}>
        <Command line={commandOf(view, search, uuid)} />
        <span className="muted">Wheel or + − zoom, drag or arrows move, 0 shows the whole, x goes to what failed</span>
      </footer>
    </div>
  );
}
