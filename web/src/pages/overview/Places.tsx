import { useQuery } from "@tanstack/react-query";
import { workflowQuery } from "@/api/queries";
import type { Location, WorkflowItem, WorkflowStatus } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Copy } from "@/ui/Copy";
import { Loading } from "@/ui/Said";
import { When } from "@/ui/When";
import { clean } from "@/words/format";
import css from "./Overview.module.css";
import { placeQuery } from "./queries";

/** Where its files lie, each to copy, and who runs it with what. */
export function Places({ uuid, own }: { uuid: string; own: WorkflowStatus }) {
  const { data: item } = useQuery(workflowQuery(uuid));
  const { data: place } = useQuery(placeQuery(uuid));
  return (
    <Card title="Who and where">
      <dl className={css.places}>
        <Fact name="user" text={item && (item.user ?? "not known")} />
        <Fact name="submitted on" text={item && (item.submit_hostname ?? "not known")} />
        <Fact name="engine" text={item && engineOf(item)} />
        <div>
          <dt>started</dt>
          <dd>
            <When time={own.started_ts} />
          </dd>
        </div>
        {pathsOf(own, item, place).map(([name, path]) => (
          <Fact key={name} name={name} text={path} copied />
        ))}
        <Fact name="uuid" text={uuid} copied />
        {place ? <Fact name="database" text={place.database} copied /> : <Loading what="its database" lines={1} />}
      </dl>
    </Card>
  );
}

function engineOf(item: WorkflowItem): string {
  const parts = [
    item.engine,
    item.planner_version && `planner ${item.planner_version}`,
    item.dagman_version && `DAGMan ${item.dagman_version}`,
    item.dagman_id && `job ${item.dagman_id}`,
  ];
  return parts.filter(Boolean).join(", ") || "not known";
}

/** Files by name, as far as they are known. */
function pathsOf(own: WorkflowStatus, item: WorkflowItem | undefined, place: Location | undefined): [string, string][] {
  const folder = own.submit_dir;
  const dag = own.dag;
  const found: [string, string][] = [];
  if (folder) found.push(["submit directory", folder]);
  if (place?.submit_dir && place.submit_dir !== folder) found.push(["where it ran", place.submit_dir]);
  if (dag) found.push(["DAG", inside(folder, dag)]);
  if (dag && (item?.engine === "pegasus" || item?.engine === "dagman")) {
    found.push(["DAGMan's log", inside(folder, `${dag}.dagman.out`)]);
  }
  return found;
}

function inside(folder: string | null, name: string): string {
  return folder && !name.startsWith("/") ? `${folder}/${name}` : name;
}

function Fact({ name, text, copied }: { name: string; text: string | undefined; copied?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={copied ? css.path : undefined}>
        {text === undefined ? "\u00a0" : clean(text)}
        {copied && text && <Copy text={text} what={name} />}
      </dd>
    </div>
  );
}
