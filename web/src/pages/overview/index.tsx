import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { forestQuery } from "@/api/queries";
import { Loading } from "@/ui/Said";
import { Causes } from "./Causes";
import { Engine } from "./Engine";
import { Forest } from "./Forest";
import { Advice, Problems } from "./Notes";
import { Anomalies, Outlook } from "./Outlook";
import css from "./Overview.module.css";
import { Pace } from "./Pace";
import { Places } from "./Places";
import { Verdict } from "./Verdict";

/** How a run stands, what is wrong, when it ends, and where it lies. Facts come first; each judgement has a card of its own. */
export default function Overview() {
  const { uuid } = useParams({ from: "/workflows/$uuid/" });
  const { below } = useSearch({ from: "/workflows/$uuid/" });
  const { data } = useQuery(forestQuery(uuid));
  const workflows = data?.workflows;
  if (!workflows?.length) return <Loading what="how it stands" lines={8} />;
  const own = workflows[0];
  const runs = own.state === "running";
  return (
    <div className={css.page}>
      <Verdict uuid={uuid} workflows={workflows} />
      <div className={css.columns}>
        <div className="stack">
          <Causes uuid={uuid} own={own} />
          {own.state !== "unstarted" && <Pace uuid={uuid} runs={runs} />}
          {workflows.length > 1 && <Forest uuid={uuid} workflows={workflows} trouble={below === "trouble"} />}
          <Engine uuid={uuid} />
          <Advice uuid={uuid} />
        </div>
        <div className="stack">
          {runs && <Outlook uuid={uuid} />}
          <Places uuid={uuid} own={own} />
          <Anomalies uuid={uuid} />
          <Problems uuid={uuid} workflows={workflows} />
        </div>
      </div>
    </div>
  );
}
