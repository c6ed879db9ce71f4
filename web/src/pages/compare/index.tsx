import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ProblemError } from "@/api/ask";
import { workflowQuery } from "@/api/queries";
import { Changes } from "@/pages/compare/Changes";
import { Kinds } from "@/pages/compare/Kinds";
import { Picker } from "@/pages/compare/Picker";
import { Plan } from "@/pages/compare/Plan";
import { compareQuery, sameLabelQuery } from "@/pages/compare/queries";
import { Summary } from "@/pages/compare/Summary";
import { commandOf } from "@/pages/compare/search";
import { isChanged, testedWords } from "@/pages/compare/words";
import { Command } from "@/ui/Copy";
import { AllWell, Empty, Failed, Loading } from "@/ui/Said";

/** What differs between this run and another, or its past, beyond noise. */
export default function Compare() {
  const { uuid } = useParams({ from: "/workflows/$uuid/compare" });
  const search = useSearch({ from: "/workflows/$uuid/compare" });
  const navigate = useNavigate({ from: "/workflows/$uuid/compare" });
  const workflow = useQuery(workflowQuery(uuid));
  const others = useQuery(sameLabelQuery(workflow.data?.label, uuid));
  const asked = useQuery(compareQuery(uuid, search.against));
  const choose = (against: string | undefined) =>
    void navigate({ search: against ? { against } : {}, resetScroll: false });
  return (
    <div className="stack">
      <Picker against={search.against} others={others.data ?? []} choose={choose} />
      {asked.error ? (
        <NoAnswer error={asked.error} against={search.against} again={() => void asked.refetch()} />
      ) : !asked.data ? (
        <Loading what="comparison" lines={8} />
      ) : (
        <>
          <Summary found={asked.data} choose={choose} />
          {isChanged(asked.data) ? (
            <Changes found={asked.data} uuid={uuid} />
          ) : (
            <AllWell title="Nothing changed beyond noise">{testedWords(asked.data)}</AllWell>
          )}
          <Kinds uuid={uuid} against={asked.data.old_uuids[0]} changes={asked.data.changes} />
          <Plan changes={asked.data.plan} />
        </>
      )}
      <Command line={commandOf(uuid, search)} />
    </div>
  );
}

function NoAnswer({ error, against, again }: { error: Error; against: string | undefined; again: () => void }) {
  if (error instanceof ProblemError && error.status === 404 && !against) {
    return (
      <Empty title="No earlier run is known that ended well">
        A run is held against earlier ones of its label that ended well, as far as the databases of this user hold them.
        Choose one above to hold it against, whatever became of that, or load one: <code>stampede load SUBMIT_DIR</code>
        .
      </Empty>
    );
  }
  return <Failed error={error} again={again} />;
}
