import { Link } from "@tanstack/react-router";
import { atOnce, type Told } from "@/pages/gantt/describe";
import css from "@/pages/gantt/Tip.module.css";
import { StateMark } from "@/ui/StateMark";
import { clean, duration, moment } from "@/words/format";
import { jobLook } from "@/words/states";

interface At {
  x: number;
  y: number;
}

/** A card beside the pointer that never leaves the drawing: it lies on the side where there is room. */
function Card({ at, children }: { at?: At | undefined; children: React.ReactNode }) {
  const style = at && {
    left: `clamp(0px, ${at.x}px + 14px, 100% - 290px)`,
    top: `${at.y + 18}px`,
  };
  return (
    <div className={css.card} style={style} data-fixed={at ? undefined : true}>
      {children}
    </div>
  );
}

/** A try: state, phases, where. */
export function BarTip({ told, at, fixed }: { told: Told; at?: At; fixed?: boolean }) {
  return (
    <Card at={fixed ? undefined : at}>
      <div className={css.head}>
        <b className={css.name}>{told.job}</b>
        <StateMark look={jobLook(told.state)} />
      </div>
      <div className="muted">
        try {told.attempt} · {told.kind} · {told.host}
      </div>
      {told.startTs !== undefined && <div className="muted">began {moment(told.startTs)}</div>}
      <dl className={css.phases}>
        {told.phases.map(({ word, seconds, lasts }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd className="number">
              {duration(seconds)}
              {lasts ? " so far" : ""}
            </dd>
          </div>
        ))}
      </dl>
      {fixed && (
        <Link to="/workflows/$uuid/jobs/$name" params={{ uuid: told.uuid, name: told.name }}>
          Open the job
        </Link>
      )}
    </Card>
  );
}

/** A lane at a time. */
export function LaneTip({
  name,
  from,
  to,
  running,
  failing,
  at,
  still,
}: {
  name: string;
  from: number;
  to: number;
  running: number;
  failing: number;
  at: At;
  still?: boolean;
}) {
  return (
    <Card at={at}>
      <b className={css.name}>{clean(name)}</b>
      <div className="muted">
        {moment(from)}, for {duration(to - from)}
      </div>
      <div>
        {atOnce(running)} running at once
        {failing > 0.005 && <>, {atOnce(failing)} of them failed in the end</>}
      </div>
      {!still && <div className="muted">Click to look closer.</div>}
    </Card>
  );
}
