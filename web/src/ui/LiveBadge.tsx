import { usePulse } from "@/live/Live";
import { useNow } from "@/ui/clock";
import { coarse } from "@/words/format";
import css from "./LiveBadge.module.css";

/** How fresh this screen is. `quietSince` (epoch seconds) is the last record of a run that should be writing. */
export function LiveBadge({ quietSince }: { quietSince?: number | undefined }) {
  const pulse = usePulse();
  const now = useNow();
  if (!pulse) return null;
  const { tone, text, more } = wordsOf(pulse.connection, pulse.heardMs / 1000, now, quietSince);
  return (
    <span className={css.badge} data-tone={tone} role="status" title={more}>
      <span className={css.dot} aria-hidden="true" />
      {text}
    </span>
  );
}

/** A run that writes nothing for so long is worth a word. */
const QUIET_S = 300;

/** The badge in words; exported for tests. */
export function wordsOf(
  connection: string,
  heardTs: number,
  now: number,
  quietSince?: number,
): { tone: "live" | "wait" | "lost" | "quiet"; text: string; more: string } {
  if (connection === "live") {
    const quiet = quietSince === undefined ? 0 : now - quietSince;
    if (quiet > QUIET_S) {
      const text = `source silent for ${coarse(quiet)}`;
      return {
        tone: "quiet",
        text,
        more: "Connected, but the logs of this run have said nothing since. Is `stampede watch` running, and DAGMan?",
      };
    }
    return { tone: "live", text: "live", more: "Changes show up here by themselves." };
  }
  if (connection === "paused")
    return { tone: "wait", text: "paused", more: "Goes on when the page is looked at again." };
  if (connection === "lost" || heardTs > 0) {
    const since = heardTs > 0 ? ` · as of ${coarse(Math.max(0, now - heardTs))} ago` : "";
    return {
      tone: "lost",
      text: `reconnecting${since}`,
      more: "The service does not answer. What is shown may be old.",
    };
  }
  return { tone: "wait", text: "connecting", more: "Waiting for the first word of the service." };
}
