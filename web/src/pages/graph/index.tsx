import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { statusQuery } from "@/api/queries";
import { GraphView } from "@/pages/graph/GraphView";
import { Loading } from "@/ui/Said";

/** What waits for what, folded or unfolded, at any size. */
export default function Graph() {
  const { uuid } = useParams({ from: "/workflows/$uuid/graph" });
  const search = useSearch({ from: "/workflows/$uuid/graph" });
  const navigate = useNavigate({ from: "/workflows/$uuid/graph" });
  const status = useQuery(statusQuery(uuid));
  const own = status.data?.workflows.find((one) => one.wf_uuid === uuid);
  // an error is shown above all pages of a run
  if (!status.data || !own) return <Loading what="the graph" lines={8} />;
  return (
    <GraphView
      key={uuid}
      uuid={uuid}
      own={own}
      all={status.data.workflows}
      search={search}
      onSearch={(change) => void navigate({ search: { ...search, ...change }, replace: true })}
    />
  );
}
