import { type FormEvent, useId } from "react";
import type { WorkflowItem } from "@/api/schema";
import css from "@/pages/compare/Compare.module.css";
import { duration, epoch, moment } from "@/words/format";
import { workflowLook } from "@/words/states";

/** Which run this one is held against: its past, one of its label, or any by its uuid. */
export function Picker({
  against,
  others,
  choose,
}: {
  against: string | undefined;
  others: WorkflowItem[];
  choose: (against: string | undefined) => void;
}) {
  const id = useId();
  const listed = !against || others.some((one) => one.wf_uuid === against);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const uuid = String(new FormData(event.currentTarget).get("uuid") ?? "").trim();
    if (uuid) choose(uuid);
  };
  return (
    <div className={css.picker}>
      <label htmlFor={`${id}-run`}>Held against</label>
      <select
        id={`${id}-run`}
        className="field"
        value={against ?? ""}
        onChange={(event) => choose(event.target.value || undefined)}
      >
        <option value="">its past: the latest runs of its label that ended well</option>
        {!listed && <option value={against}>{against}</option>}
        {others.map((one) => (
          <option key={one.wf_uuid} value={one.wf_uuid}>
            {wordsOf(one)}
          </option>
        ))}
      </select>
      <form className="row" onSubmit={submit}>
        <label htmlFor={`${id}-uuid`} className="muted">
          or any run
        </label>
        <input id={`${id}-uuid`} name="uuid" className="field" placeholder="uuid" size={24} maxLength={255} />
        <button type="submit" className="button">
          Compare
        </button>
      </form>
    </div>
  );
}

function wordsOf(one: WorkflowItem): string {
  const ts = epoch(one.started_ts);
  const when = ts === undefined ? "not started" : moment(ts);
  const state = workflowLook(one.state ?? "", one.failed).word;
  return `${when}, ${state}, ${duration(one.duration_s)} (${one.wf_uuid?.slice(0, 8)})`;
}
