import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { addressOf } from "@/api/ask";
import type { Job, Try } from "@/api/schema";
import { Card } from "@/ui/Card";
import { type Bytes, Output } from "@/ui/output/Output";
import { Empty } from "@/ui/Said";
import { clean } from "@/words/format";
import css from "./job.module.css";
import { NodeLog } from "./NodeLog";
import { Printed } from "./Printed";
import { bytesAt, TABS, type Tab } from "./search";
import { bestTab, hasPrinted, isOpen } from "./standing";

const JOB = "/api/v1/workflows/{uuid}/jobs/{name}";
const WORDS: Record<Tab, string> = {
  printed: "program",
  stderr: "stderr",
  stdout: "stdout",
  kickstart: "kickstart",
  dagman: "dagman.out",
  events: "HTCondor events",
  submit: "submit file",
};

interface Props {
  uuid: string;
  name: string;
  job: Job;
  number: number;
  one: Try | undefined;
}

/** What the try printed, and what was written about the job, each in its tab. */
export function Outputs({ uuid, name, job, number, one }: Props) {
  const search = useSearch({ from: "/workflows/$uuid/jobs/$name" });
  const tabs = TABS.filter((to) => to !== "printed" || hasPrinted(one));
  const wanted = search.tab && tabs.includes(search.tab) ? search.tab : undefined;
  const tab = wanted ?? (one ? bestTab(one) : "dagman");
  return (
    <Card
      title={`Output${number > 0 ? ` of try ${number}` : ""}`}
      aside={
        <nav className={css.tabs} aria-label="Outputs">
          {tabs.map((to) => (
            <Link
              key={to}
              from="/workflows/$uuid/jobs/$name"
              to="."
              search={(old) => ({ ...old, tab: to, at: undefined })}
              replace
              resetScroll={false}
              aria-current={to === tab ? "page" : undefined}
              activeProps={{}}
            >
              {WORDS[to]}
            </Link>
          ))}
        </nav>
      }
    >
      <Shown uuid={uuid} name={name} job={job} number={number} one={one} tab={tab} />
    </Card>
  );
}

function Shown({ uuid, name, job, number, one, tab }: Props & { tab: Tab }) {
  if (tab === "dagman" || tab === "events") return <NodeLog uuid={uuid} name={name} file={tab} />;
  if (tab === "submit") {
    const address = addressOf(`${JOB}/submit_file`, { uuid, name });
    return <File address={address} label="submit file" where={job.submit_file} plain open="start" />;
  }
  if (tab === "printed" && one) return <Printed one={one} />;
  if (!one) return <Empty title="Nothing was printed">The job was not tried yet.</Empty>;
  return (
    <File
      address={addressOf(`${JOB}/attempts/{number}/${tab}`, { uuid, name, number })}
      label={`${tab} of try ${number}`}
      where={one.files?.[tab === "kickstart" ? "stdout" : tab]}
      open={tab === "kickstart" ? "start" : one.outcome === "failed" ? "error" : "end"}
      live={isOpen(one)}
    />
  );
}

interface FileProps {
  address: string;
  label: string;
  where: string | null | undefined;
  open: "start" | "end" | "error";
  plain?: boolean;
  live?: boolean;
}

/** A file with its place; the lines that are marked stand in the address of the page. */
function File({ where, ...output }: FileProps) {
  const search = useSearch({ from: "/workflows/$uuid/jobs/$name" });
  const navigate = useNavigate({ from: "/workflows/$uuid/jobs/$name" });
  const change = useCallback(
    (what: { at?: string | undefined; find?: string | undefined }) =>
      void navigate({ search: (old) => ({ ...old, ...what }), replace: true, resetScroll: false }),
    [navigate],
  );
  const onAt = useCallback((at: Bytes | undefined) => change({ at: at && `${at[0]}-${at[1]}` }), [change]);
  const onFind = useCallback((find: string) => change({ find: find || undefined }), [change]);
  const hrefOf = useCallback((byte: number) => {
    const to = new URL(location.href);
    to.searchParams.set("at", `${byte}-${byte + 1}`);
    return to.pathname + to.search;
  }, []);
  return (
    <>
      <Output
        key={output.address}
        {...output}
        at={bytesAt(search.at)}
        hrefOf={hrefOf}
        onAt={onAt}
        find={search.find ?? ""}
        onFind={onFind}
      />
      {where && <p className={css.file}>{clean(where)}</p>}
    </>
  );
}
