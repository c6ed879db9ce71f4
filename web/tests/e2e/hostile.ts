/** A run whose job printed what would do harm if it were obeyed, on a service of its own. */

import { execFileSync } from "node:child_process";
import { cpSync, createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { CORPUS, STAMPEDE, serve, userIn } from "./served";

export const UUID = "4c58fd30-924d-43b2-a70e-a0c97f5f7d5b";
export const JOB = "findrange_ID0000003";
/** Bytes of the longest line. */
export const LONG = 10_000_000;
/** Lines of the large file, and the one that tells what went wrong: near the start, so that slow machines find it in time. */
export const LINES = 400_000;
export const ERROR_LINE = "ValueError: the line that matters";

export const HOSTILE = [
  `<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">`,
  "\x1b[31mred\x1b[0m \x1b]0;title\x07 bell, nul \x00, \u202eturned\u202c, \u2066isolated\u2069",
  "日本語 עברית العربية \ttab",
];

/** What a node is called in the second run; in it everything else is as recorded. */
export const NAME = "<b>&lt;<script>window.hacked=1;\u202egnp";
const OLD_NAME = "held_and_removed";

/** A copy of a recorded run of DAGMan in which a node has that name. */
function renamed(folder: string): string {
  const run = join(folder, "dm_g_hold");
  cpSync(join(CORPUS, "dm_g_hold"), run, { recursive: true });
  for (const name of readdirSync(run, { withFileTypes: true })) {
    if (!name.isFile()) continue;
    const file = join(run, name.name);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(OLD_NAME, NAME));
  }
  return run;
}

/** The folder of a copy of a recorded run, with other outputs. */
async function written(folder: string): Promise<string> {
  const run = join(folder, "pg_fail");
  cpSync(join(CORPUS, "pg_fail"), run, { recursive: true });
  const job = join(run, "00/00", JOB);
  const large = createWriteStream(`${job}.err.000`);
  for (let line = 0; line < LINES; line++) {
    if (line === LINES / 100) large.write(`${ERROR_LINE}\n`);
    large.write(`${String(line).padStart(8, "0")} words of a file that is larger than what one looks at\n`);
  }
  large.end("the very last line");
  const odd = createWriteStream(`${job}.err.001`);
  odd.write(`${HOSTILE.join("\n")}\n`);
  odd.write(Buffer.from([0xff, 0xfe, 0x20, 0xc3, 0x28, 0x0a]));
  odd.write("x".repeat(LONG));
  odd.end("\nbehind the long line\n");
  await Promise.all([finished(large), finished(odd)]);
  return run;
}

/** Serve it; `stop` takes all of it away. */
export async function serveHostile(): Promise<{ url: string; run: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "stampede-hostile-"));
  const run = await written(folder);
  const env = userIn(folder);
  const runs = [run, renamed(folder)];
  for (const one of runs) execFileSync(STAMPEDE, ["load", "-q", one], { env });
  const service = await serve(runs, env);
  const stop = async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: service.url, run, stop };
}
