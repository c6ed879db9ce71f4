import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { jobQuery, triageQuery, workflowQuery } from "@/api/queries";
import type { Job } from "@/api/schema";
import { Failed, Loading } from "@/ui/Said";
import { causeOf } from "./commands";
import { Files } from "./Files";
import { Head } from "./Head";
import css from "./job.module.css";
import { Neighbours } from "./Neighbours";
import { Outputs } from "./Outputs";
import { Tasks } from "./Tasks";
import { Tries } from "./Tries";
import { TryFacts } from "./TryFacts";
import { TryRan } from "./TryRan";

/** One job with all its tries: how they went, what they printed, where it stands among the others. */
export default function JobPage() {
  const { uuid, name } = useParams({ from: "/workflows/$uuid/jobs/$name" });
  const job = useQuery(jobQuery(uuid, name));
  if (job.error && !job.data) return <Failed error={job.error} again={() => void job.refetch()} />;
  if (!job.data) return <Loading what="job" lines={8} />;
  return <Inside uuid={uuid} name={name} job={job.data} />;
}

function Inside({ uuid, name, job }: { uuid: string; name: string; job: Job }) {
  const search = useSearch({ from: "/workflows/$uuid/jobs/$name" });
  const navigate = useNavigate({ from: "/workflows/$uuid/jobs/$name" });
  const workflow = useQuery(workflowQuery(job.wf_uuid));
  const wrong =
    job.state === "failed" || (job.tries ?? []).some((one) => one.outcome === "failed" || !!one.holds?.length);
  const triage = useQuery({ ...triageQuery(uuid), enabled: wrong });
  const cause = useMemo(() => (wrong ? causeOf(triage.data?.causes ?? [], job) : undefined), [wrong, triage.data, job]);
  const tries = job.tries ?? [];
  const number = Math.min(search.attempt ?? tries.length, tries.length);
  const one = tries[number - 1];
  const where = workflow.data?.submit_dir ?? job.wf_uuid;
  return (
    <div className={css.page}>
      <Head
        uuid={uuid}
        job={job}
        cause={cause}
        judging={wrong && triage.isPending}
        where={where}
        number={search.attempt}
      />
      {tries.length > 0 && (
        <Tries
          tries={tries}
          number={number}
          onPick={(attempt) => void navigate({ search: (old) => ({ ...old, attempt, at: undefined }), replace: true })}
        />
      )}
      <Outputs uuid={uuid} name={name} job={job} number={number} one={one} />
      {one && <TryFacts one={one} number={number} />}
      {one && <TryRan one={one} />}
      <div className={css.columns}>
        <Files uuid={job.wf_uuid} job={job} />
        <Neighbours uuid={job.wf_uuid} job={job} />
      </div>
      <Tasks job={job} />
    </div>
  );
}
