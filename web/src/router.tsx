/** Every page and its address, on one page. What stands in the query string of a page is read by its `search.ts`. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotFound } from "@/ui/NotFound";
import { RunShell } from "@/ui/RunShell";
import { Shell } from "@/ui/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const runs = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("@/pages/runs")),
});

const run = createRoute({ getParentRoute: () => root, path: "/workflows/$uuid", component: RunShell });

const overview = createRoute({
  getParentRoute: () => run,
  path: "/",
  component: lazyRouteComponent(() => import("@/pages/overview")),
});
const triage = createRoute({
  getParentRoute: () => run,
  path: "/triage",
  component: lazyRouteComponent(() => import("@/pages/triage")),
});
const jobs = createRoute({
  getParentRoute: () => run,
  path: "/jobs",
  component: lazyRouteComponent(() => import("@/pages/jobs")),
});
const job = createRoute({
  getParentRoute: () => run,
  path: "/jobs/$name",
  component: lazyRouteComponent(() => import("@/pages/job")),
});
const graph = createRoute({
  getParentRoute: () => run,
  path: "/graph",
  component: lazyRouteComponent(() => import("@/pages/graph")),
});
const gantt = createRoute({
  getParentRoute: () => run,
  path: "/gantt",
  component: lazyRouteComponent(() => import("@/pages/gantt")),
});
const charts = createRoute({
  getParentRoute: () => run,
  path: "/charts",
  component: lazyRouteComponent(() => import("@/pages/charts")),
});
const compare = createRoute({
  getParentRoute: () => run,
  path: "/compare",
  component: lazyRouteComponent(() => import("@/pages/compare")),
});

export const router = createRouter({
  routeTree: root.addChildren([runs, run.addChildren([overview, triage, jobs, job, graph, gantt, charts, compare])]),
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
