/** Which lines of an output explain a failure: those that its cause quotes. */

/** Shorter lines than this are quoted by chance. */
const LEAST = 4;

/** Indexes of the lines that the message of a cause quotes, or that it was cut from. */
export function explaining(lines: readonly string[], message: string): number[] {
  const found: number[] = [];
  const quoted = tails(message);
  lines.forEach((raw, i) => {
    const line = raw.trim();
    if (line.length < LEAST) return;
    // what a cause quotes is a line's first 300 characters
    if (quoted.some((text) => text === line || (text.length >= 200 && line.startsWith(text)))) found.push(i);
  });
  if (found.length > 0) return found;
  lines.forEach((raw, i) => {
    const line = raw.trim();
    if (line.length >= 3 * LEAST && message.includes(line)) found.push(i);
  });
  return found;
}

/** What a message may quote: all of it, and what follows each of its sentences and colons. */
function tails(message: string): string[] {
  const found = [message.trim()];
  for (const match of message.matchAll(/[.:)]\s+/g)) {
    const rest = message.slice(match.index + match[0].length).trim();
    if (rest.length >= LEAST) found.push(rest);
  }
  return found;
}
