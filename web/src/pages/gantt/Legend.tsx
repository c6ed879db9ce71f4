import css from "@/pages/gantt/Levels.module.css";

/** What colours and hatches of bars or lanes mean. */
export function Legend({ level, phases }: { level: "bars" | "lanes"; phases: boolean }) {
  const bars: [tone: string, word: string][] = [
    ["done", "went well"],
    ["running", "running"],
    ["failed", "failed ✕"],
    ["held", "held"],
  ];
  if (phases) bars.push(["queued", "waiting"], ["scripts", "script"]);
  const lanes: [tone: string, word: string][] = [
    ["running", "how many ran at once; the number is the most of the lane"],
    ["failed", "of these, failed in the end"],
  ];
  return (
    <ul className={css.legend} aria-label="Colours">
      {(level === "bars" ? bars : lanes).map(([tone, word]) => (
        <li key={tone}>
          <span className={css.swatch} data-tone={tone} aria-hidden="true" />
          {word}
        </li>
      ))}
    </ul>
  );
}
