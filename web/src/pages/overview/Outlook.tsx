import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { forecastQuery } from "@/api/queries";
import type { AnomalyItem, Forecast } from "@/api/schema";
import { Card } from "@/ui/Card";
import { Command } from "@/ui/Copy";
import { Failed, Loading } from "@/ui/Said";
import { clean, count, percent, plural } from "@/words/format";
import css from "./Overview.module.css";
import { anomaliesQuery } from "./queries";

/** Whether it will succeed, with reasons, while it runs. */
export function Outlook({ uuid }: { uuid: string }) {
  const { data, error, refetch } = useQuery(forecastQuery(uuid));
  return (
    <Card title="Will it succeed?">
      <div className={css.outlookRoom}>
        {error && !data ? (
          <Failed error={error} again={() => void refetch()} />
        ) : data === undefined ? (
          <Loading what="the forecast" />
        ) : data.forecast ? (
          <Foretold uuid={uuid} told={data.forecast} />
        ) : (
          <>
            <p className="muted">It has had so many tries that a forecast takes longer than a page may. Ask for it:</p>
            <Command line={`stampede forecast ${uuid.slice(0, 8)}`} />
          </>
        )}
      </div>
    </Card>
  );
}

function Foretold({ uuid, told }: { uuid: string; told: Forecast }) {
  return (
    <div className={css.foretold}>
      <p className={css.chance}>{chanceOf(told)}</p>
      <ul className={css.reasons}>
        {(told.reasons ?? []).map((reason) => (
          <li key={reason}>{clean(reason)}</li>
        ))}
      </ul>
      {(told.jobs ?? []).length > 0 && (
        <>
          <h3>In danger</h3>
          <ul className={css.risks}>
            {told.jobs!.slice(0, 5).map((risk) => (
              <li key={risk.job}>
                <Link to="/workflows/$uuid/jobs/$name" params={{ uuid, name: risk.job }}>
                  {clean(risk.job)}
                </Link>
                <span className="muted">
                  try {risk.try_number} of {risk.tries}; fails for good with {percent(risk.job_fails)}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {!told.enough_history && (told.needed ?? []).length > 0 && (
        <p className="muted">Needed for an answer: {told.needed!.map(clean).join("; ")}.</p>
      )}
    </div>
  );
}

function chanceOf(told: Forecast): string {
  if (told.doomed) return "No: it cannot succeed any more.";
  if (told.probability === null) return "Not enough history to say so.";
  const well = 1 - told.probability;
  const from = told.past_runs > 0 ? `, judged by ${plural(told.past_runs, "earlier run")}` : "";
  return `${well >= 0.5 ? "Probably" : "Probably not"}: it succeeds with ${percent(well)}${from}.`;
}

/** What was not as it was before. */
export function Anomalies({ uuid }: { uuid: string }) {
  const { data, error, refetch } = useQuery(anomaliesQuery(uuid));
  const items = data?.items ?? [];
  return (
    <Card title="Unusual" aside={items.length > 0 && plural(items.length, "anomaly", "anomalies")}>
      {error && !data ? (
        <Failed error={error} again={() => void refetch()} />
      ) : data === undefined ? (
        <Loading what="anomalies" lines={1} />
      ) : items.length === 0 ? (
        <p className="muted">Nothing was found that differs from earlier runs, or from its like.</p>
      ) : (
        <ul className={css.anomalies}>
          {items.slice(0, 8).map((item) => (
            <Anomaly key={`${item.kind} ${item.subject} ${item.ts}`} item={item} />
          ))}
          {items.length > 8 && <li className="muted">and {count(items.length - 8)} more</li>}
        </ul>
      )}
    </Card>
  );
}

function Anomaly({ item }: { item: AnomalyItem }) {
  return (
    <li>
      <b>{clean((item.kind ?? "").replaceAll("_", " "))}</b>{" "}
      {item.job && item.wf_uuid ? (
        <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: item.wf_uuid, name: item.job }}>
          {clean(item.subject ?? item.job)}
        </Link>
      ) : (
        clean(item.subject ?? "")
      )}
      <p className="muted">{clean(item.reason ?? "")}</p>
    </li>
  );
}
