/** Every page and its address, on one page. What stands in the query string of a page is read by its `search.ts`. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readSearch as chartsSearch } from "@/pages/charts/search";
import { readSearch as compareSearch } from "@/pages/compare/search";
import { readSearch as readGanttSearch } from "@/pages/gantt/search";
import { readSearch as readGraphSearch } from "@/pages/graph/search";
import { readSearch as readJobSearch } from "@/pages/job/search";
import { readSearch as readJobsSearch } from "@/pages/jobs/search";
import { readSearch as overviewSearch } from "@/pages/overview/search";
import { readSearch as readRunsSearch } from "@/pages/runs/search";
import { readSearch as triageSearch } from "@/pages/triage/search";
import { NotFound } from "@/ui/NotFound";
import { RunShell } from "@/ui/RunShell";
import { Shell } from "@/ui/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const runs = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: readRunsSearch,
  component: lazyRouteComponent(() => import("@/pages/runs")),
});

const run = createRoute({ getParentRoute: () => root, path: "/workflows/$uuid", component: RunShell });

const overview = createRoute({
  getParentRoute: () => run,
  path: "/",
  validateSearch: overviewSearch,
  component: lazyRouteComponent(() => import("@/pages/overview")),
});
const triage = createRoute({
  getParentRoute: () => run,
  path: "/triage",
  validateSearch: triageSearch,
  component: lazyRouteComponent(() => import("@/pages/triage")),
});
const jobs = createRoute({
  getParentRoute: () => run,
  path: "/jobs",
  validateSearch: readJobsSearch,
  component: lazyRouteComponent(() => import("@/pages/jobs")),
});
const job = createRoute({
  getParentRoute: () => run,
  path: "/jobs/$name",
  validateSearch: readJobSearch,
  component: lazyRouteComponent(() => import("@/pages/job")),
});
const graph = createRoute({
  getParentRoute: () => run,
  path: "/graph",
  validateSearch: readGraphSearch,
  component: lazyRouteComponent(() => import("@/pages/graph")),
});
const gantt = createRoute({
  getParentRoute: () => run,
  path: "/gantt",
  validateSearch: readGanttSearch,
  component: lazyRouteComponent(() => import("@/pages/gantt")),
});
const charts = createRoute({
  getParentRoute: () => run,
  path: "/charts",
  validateSearch: chartsSearch,
  component: lazyRouteComponent(() => import("@/pages/charts")),
});
const compare = createRoute({
  getParentRoute: () => run,
  path: "/compare",
  validateSearch: compareSearch,
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
