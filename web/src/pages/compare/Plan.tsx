import type { PlanChange } from "@/api/schema";
import { planWords } from "@/pages/compare/words";
import { Card } from "@/ui/Card";
import type { Column } from "@/ui/chart/columns";
import { DataTable } from "@/ui/chart/DataTable";
import { clean } from "@/words/format";

/** What was planned otherwise: tasks, jobs, programs, requests, versions. */
export function Plan({ changes }: { changes: PlanChange[] }) {
  return (
    <Card title={changes.length > 0 ? "Planned otherwise" : "Planned the same"}>
      {changes.length > 0 ? (
        <DataTable caption="Planned otherwise" columns={COLUMNS} rows={changes} />
      ) : (
        <p className="muted">Tasks, jobs, dependencies, programs, requests and versions do not differ.</p>
      )}
    </Card>
  );
}

const COLUMNS: Column<PlanChange>[] = [
  { key: "what", head: "what", of: planWords },
  { key: "old", head: "before", of: (p) => (p.old === null ? null : clean(p.old)) },
  { key: "new", head: "now", of: (p) => (p.new === null ? null : clean(p.new)) },
  {
    key: "examples",
    head: "for example",
    of: (p) => {
      const named = (p.examples ?? []).slice(0, 3).map(clean).join(", ");
      return named && p.count > 3 ? `${named} …` : named;
    },
  },
];
