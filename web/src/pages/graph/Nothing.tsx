import type { View } from "@/pages/graph/search";
import { AllWell, Empty } from "@/ui/Said";

/** A graph without a node. */
export function Nothing({ view, running }: { view: View; running: boolean }) {
  if (view === "failures") {
    return (
      <AllWell title="Nothing has failed">
        {running
          ? "Should a job fail, it shows up here, with all that waits for it."
          : "No job of this workflow failed."}
      </AllWell>
    );
  }
  return (
    <Empty title="No job is known yet">
      The graph comes with the plan of the workflow, or as its engine tells of jobs. It shows up here by itself.
    </Empty>
  );
}
