import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { ask } from "@/api/ask";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Said";
import { StateMark } from "@/ui/StateMark";
import { clean } from "@/words/format";
import { jobLook, workflowLook } from "@/words/states";
import css from "./Search.module.css";

const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["fixed", "search", q] as const,
    queryFn: ({ signal }) => ask("/api/v1/search", { query: { q, limit: 20 }, signal }),
    enabled: q.length >= 2,
    staleTime: 5000,
    placeholderData: keepPreviousData,
  });

/** Find workflows by label, jobs by name, and what failed jobs printed. */
export function Search({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const { data, error, isFetching } = useQuery(searchQuery(q));
  const nothing =
    q.length >= 2 && data && !isFetching && (data.workflows ?? []).length + (data.jobs ?? []).length === 0;
  return (
    <Dialog title="Search" onClose={onClose}>
      <input
        className={`field ${css.input}`}
        type="search"
        placeholder="Label, job, or text of an error"
        aria-label="Search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoFocus
      />
      {error && <Failed error={error} />}
      <ul className={css.found} aria-label="Found">
        {data?.workflows?.map((w) => (
          <li key={w.wf_uuid}>
            <Link to="/workflows/$uuid" params={{ uuid: w.wf_uuid }} onClick={onClose}>
              <StateMark look={workflowLook(w.state)} />
              <span>{clean(w.label ?? w.wf_uuid)}</span>
            </Link>
          </li>
        ))}
        {data?.jobs?.map((j) => (
          <li key={`${j.wf_uuid} ${j.name}`}>
            <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: j.wf_uuid, name: j.name }} onClick={onClose}>
              <StateMark look={jobLook(j.word)} />
              <span>{clean(j.name)}</span>
              <span className="muted">in {clean(j.workflow ?? j.wf_uuid)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <p className="muted" role="status">
        {nothing && "Nothing found. Labels, directories, names of jobs and the output of failed jobs were searched."}
        {data?.cut && "There is more; type more of it."}
        {q.length < 2 && "Two letters are enough."}
      </p>
    </Dialog>
  );
}
