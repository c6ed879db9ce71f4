import { useQuery } from "@tanstack/react-query";
import { statisticsQuery } from "@/api/queries";
import type { Group, PhaseTime, Statistics } from "@/api/schema";
import type { ChartProps } from "@/pages/charts";
import { Bar } from "@/pages/charts/Bar";
import css from "@/pages/charts/Efficiency.module.css";
import { PHASES, shareOut } from "@/pages/charts/efficiencyData";
import { Legend } from "@/pages/charts/Legend";
import { Chart } from "@/ui/chart/Chart";
import type { Column } from "@/ui/chart/columns";
import { Empty, Failed, Loading } from "@/ui/Said";
import { clean, count, duration, percent, size } from "@/words/format";

/** What became of the time on machines, and how much was used of what was asked for. */
export function Efficiency({ uuid, asTable, onTable }: ChartProps) {
  const asked = useQuery(statisticsQuery(uuid));
  const found = asked.data;
  return (
    <Chart
      id="efficiency"
      title="Efficiency"
      says={found ? saysOf(found) : "What became of the time on machines."}
      data={found && { columns: COLUMNS, rows: found.transformations }}
      asTable={asTable}
      onTable={onTable}
      command={`stampede stats ${uuid} --section phases --section efficiency`}
    >
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !found ? (
        <Loading what="efficiency" lines={5} />
      ) : found.all.tries === 0 ? (
        <Empty title="No job has been tried yet" />
      ) : (
        <div className={css.columns}>
          <Time found={found} />
          <Used group={found.all} />
          <Phases phases={found.phases} />
          <Costs group={found.all} />
        </div>
      )}
    </Chart>
  );
}

function Time({ found }: { found: Statistics }) {
  const { good, bad, over, seen } = shareOut(found.walls);
  const parts = [
    { word: "programs that went well", value: good, tone: "--run" },
    { word: "failed tries", value: bad, tone: "--fail", hatched: true },
    { word: "around the programs", value: over, tone: "--waiting" },
  ];
  return (
    <section className={css.part}>
      <h3>Time of jobs: {duration(seen)}</h3>
      <Bar parts={parts} most={seen} label={parts.map((p) => `${p.word} ${duration(p.value)}`).join(", ")} />
      <Legend
        keys={parts.map((p) => ({
          ...p,
          word: `${p.word} ${seen > 0 ? percent(p.value / seen) : ""} (${duration(p.value)})`,
        }))}
      />
    </section>
  );
}

function Used({ group }: { group: Group }) {
  const { cpu, with_cpu, memory, with_memory, over_memory, memory_max_mb } = group.efficiency;
  return (
    <section className={css.part}>
      <h3>Used of what was asked for</h3>
      <Meter word="processor" share={cpu} tries={with_cpu} />
      <Meter word="memory" share={memory} tries={with_memory} />
      <p className="muted">
        {memory_max_mb ? `The largest try took ${size(memory_max_mb * 1_048_576)} of memory. ` : ""}
        {over_memory > 0 ? `${count(over_memory)} tries took more memory than they had asked for.` : ""}
      </p>
    </section>
  );
}

function Meter({ word, share, tries }: { word: string; share: number | null; tries: number }) {
  const known = share !== null && tries > 0;
  return (
    <div className={css.meter}>
      <span>{word}</span>
      <span className={css.track}>
        {known && <Bar most={1} label={percent(share)} parts={[{ word, value: Math.min(1, share), tone: "--run" }]} />}
      </span>
      <span className="number">{known ? `${percent(share)} of ${count(tries)} tries` : "not known"}</span>
    </div>
  );
}

function Phases({ phases }: { phases: PhaseTime[] }) {
  const whole = phases.reduce((all, phase) => all + phase.total_s, 0);
  const parts = phases.map((phase) => ({
    word: PHASES[phase.phase]?.word ?? phase.phase,
    value: phase.total_s,
    tone: PHASES[phase.phase]?.tone ?? "--waiting",
    hatched: PHASES[phase.phase]?.hatched ?? false,
    phase,
  }));
  return (
    <section className={css.part}>
      <h3>Where the time of jobs went: {duration(whole)} with waiting</h3>
      <Bar parts={parts} most={whole} label={parts.map((p) => `${p.word} ${duration(p.value)}`).join(", ")} />
      <Legend
        keys={parts.map((p) => ({
          ...p,
          word: `${p.word} ${p.phase.share !== null ? percent(p.phase.share) : ""}${p.phase.spread.p50 ? `, median ${duration(p.phase.spread.p50)}` : ""}`,
        }))}
      />
    </section>
  );
}

function Costs({ group }: { group: Group }) {
  const { retries, lost_s, lost, delay_s, evictions, redone_s, holds, held_s } = group.retries;
  const facts: [string, string][] = [
    ["tries that had to be repeated", count(retries)],
    ["time lost by them", `${duration(lost_s)}${lost ? ` (${percent(lost)})` : ""}`],
    ["from their beginning to their end", duration(delay_s)],
    ["evictions", `${count(evictions)}${redone_s > 0 ? `, ${duration(redone_s)} done again` : ""}`],
    ["holds", `${count(holds)}${held_s > 0 ? `, ${duration(held_s)} in all` : ""}`],
  ];
  return (
    <section className={css.part}>
      <h3>What trying again cost</h3>
      <dl className={css.facts}>
        {facts.map(([word, value]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function saysOf(found: Statistics): string {
  const { goodput } = found.walls;
  const cpu = found.all.efficiency.cpu;
  const well = goodput === null ? "" : `${percent(goodput)} of the time on machines went into tries that went well`;
  const used = cpu === null ? "" : `${well ? ", " : ""}programs kept ${percent(cpu)} of their cores busy`;
  return well || used ? `In the whole run ${well}${used}.` : "What became of the time on machines in the whole run.";
}

const COLUMNS: Column<Group>[] = [
  { key: "name", head: "transformation", of: (g) => clean(g.name) },
  {
    key: "goodput",
    head: "goodput",
    number: true,
    of: (g) => (g.wall_s > 0 ? 1 - g.bad_wall_s / g.wall_s : null),
    show: (g) => (g.wall_s > 0 ? percent(1 - g.bad_wall_s / g.wall_s) : "–"),
  },
  {
    key: "cpu",
    head: "processor",
    number: true,
    of: (g) => g.efficiency.cpu,
    show: (g) => (g.efficiency.cpu === null ? "–" : percent(g.efficiency.cpu)),
  },
  {
    key: "memory",
    head: "memory used of asked",
    number: true,
    of: (g) => g.efficiency.memory,
    show: (g) => (g.efficiency.memory === null ? "–" : percent(g.efficiency.memory)),
  },
  { key: "over_memory", head: "above what was asked", number: true, of: (g) => g.efficiency.over_memory },
  {
    key: "memory_max_mb",
    head: "most memory",
    number: true,
    of: (g) => g.efficiency.memory_max_mb,
    show: (g) => (g.efficiency.memory_max_mb ? size(g.efficiency.memory_max_mb * 1_048_576) : "–"),
  },
  { key: "retries", head: "repeated", number: true, of: (g) => g.retries.retries },
  {
    key: "lost_s",
    head: "lost by that",
    number: true,
    of: (g) => Math.round(g.retries.lost_s),
    show: (g) => duration(g.retries.lost_s),
  },
];
