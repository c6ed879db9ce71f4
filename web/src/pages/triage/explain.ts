/** Which lines of an output explain a failure: those that its cause quotes, but for names and numbers. */

/** Shorter lines than this are quoted by chance. */
const LEAST = 4;
/** A cause quotes so many characters of a line at most. */
const QUOTED = 300;

/**
 * Indexes of the lines that the message of a cause quotes. The message is that of one job: another's line may have
 * other names and numbers in it, and explains as well.
 */
export function explaining(lines: readonly string[], message: string): number[] {
  const texts = lines.map((line) => line.trim());
  const quoted = new Set(quotesOf(message));
  const exact = indexesOf(texts, (line) => quoted.has(line.slice(0, QUOTED)));
  if (exact.length > 0) return exact;
  const within = indexesOf(texts, (line) => line.length >= 3 * LEAST && message.includes(line));
  if (within.length > 0) return within;
  const alike = new Set([...quoted].map(normalised).filter((text) => /[a-z]{3}/i.test(text)));
  return indexesOf(texts, (line) => alike.has(normalised(line.slice(0, QUOTED))));
}

function indexesOf(lines: readonly string[], isOne: (line: string) => boolean): number[] {
  return lines.flatMap((line, i) => (line.length >= LEAST && isOne(line) ? [i] : []));
}

/** What a message may quote: all of it, and what follows each of its sentences and colons. */
function quotesOf(message: string): string[] {
  const found = [message.trim()];
  for (const match of message.matchAll(/[.:)]\s+/g)) {
    const rest = message.slice(match.index + match[0].length).trim();
    if (rest.length >= LEAST) found.push(rest);
  }
  return found;
}

const PATH = /(?:\/[\w.+@:%~=-]+){2,}/g;
const COUNTED = /[\w.:@+-]*\d[\w.:@+-]*/g;

/** A text without what differs from one occurrence to the next, as the service groups them (model/wording). */
function normalised(text: string): string {
  return text.replace(PATH, "P").replace(COUNTED, "N");
}
