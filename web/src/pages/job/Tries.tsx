import type { Try } from "@/api/schema";
import { Card } from "@/ui/Card";
import { useNow } from "@/ui/clock";
import { StateMark } from "@/ui/StateMark";
import { When } from "@/ui/When";
import { clean, duration, plural } from "@/words/format";
import css from "./job.module.css";
import { lengthOf, type Part, PHASES, partsOf, sumsOf } from "./phases";
import { endWord, isOpen, tryLook } from "./standing";

/** All tries, each with its phases to the same scale; one of them is looked at. */
export function Tries({ tries, number, onPick }: { tries: Try[]; number: number; onPick: (number: number) => void }) {
  const open = tries.some(isOpen);
  return open ? <Ticking {...{ tries, number, onPick }} /> : <List {...{ tries, number, onPick }} nowTs={0} />;
}

function Ticking(props: { tries: Try[]; number: number; onPick: (number: number) => void }) {
  return <List {...props} nowTs={useNow()} />;
}

interface ListProps {
  tries: Try[];
  number: number;
  onPick: (number: number) => void;
  nowTs: number;
}

function List({ tries, number, onPick, nowTs }: ListProps) {
  const parts = tries.map((one) => partsOf(one, nowTs));
  const longest = Math.max(...parts.map(lengthOf), 0.001);
  const used = new Set(parts.flat().map((part) => part.phase));
  return (
    <Card title={plural(tries.length, "try", "tries")} aside={<Legend used={used} />}>
      <ol className={css.tries}>
        {tries.map((one, index) => (
          <li key={one.seq}>
            <button
              type="button"
              className={css.try}
              aria-current={index + 1 === number || undefined}
              onClick={() => onPick(index + 1)}
            >
              <span className={css.index}>#{index + 1}</span>
              <span className={css.outcome}>
                <StateMark look={tryLook(one)} />
                <span className="muted"> {endWord(one)}</span>
              </span>
              <span className={css.place}>{clean(placeOf(one))}</span>
              <Phases parts={parts[index]} longest={longest} />
              <span className={css.length}>{duration(lengthOf(parts[index]))}</span>
              <span className={css.began}>
                <When time={one.phases?.[0]?.start_ts ?? one.submit_ts} />
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** The machine and the site, as far as they are known. */
function placeOf(one: Try): string {
  const host = one.hostname ?? one.slot?.replace(/^.*@/, "") ?? one.ip;
  return [host, one.site].filter(Boolean).join(" · ") || "no machine";
}

/** The bar of a try. */
function Phases({ parts, longest }: { parts: Part[]; longest: number }) {
  const words = sumsOf(parts)
    .map((sum) => `${sum.word} ${duration(sum.duration_s)}`)
    .join(", ");
  return (
    <span className={css.phases} role="img" aria-label={words || "no phases"} title={words}>
      {parts.map((part) => (
        <span
          key={`${part.phase} ${part.start_s}`}
          data-tone={part.tone}
          data-open={part.open || undefined}
          style={{ left: `${(100 * part.start_s) / longest}%`, width: `${(100 * part.duration_s) / longest}%` }}
        />
      ))}
    </span>
  );
}

function Legend({ used }: { used: Set<string> }) {
  return (
    <span className={css.legend}>
      {Object.entries(PHASES)
        .filter(([phase]) => used.has(phase))
        .map(([phase, { word, tone }]) => (
          <span key={phase}>
            <i data-tone={tone} aria-hidden="true" />
            {word}
          </span>
        ))}
    </span>
  );
}
