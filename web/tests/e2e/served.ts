/** The real service over real recorded runs, for all end-to-end tests: started once, its address in `STAMPEDE_URL`. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
export const STAMPEDE = process.env.STAMPEDE ?? join(ROOT, ".venv/bin/stampede");
export const CORPUS = join(ROOT, "tests/corpus");

/** Recorded runs that are served. */
const RUNS = ["pg_fail", "dm_g_hold", "dm_e_subdag", "dm_c_rescue"];

/** A service of its own: `stop` ends it. `env` is that of its user. */
export async function serve(
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const child: ChildProcess = spawn(STAMPEDE, ["serve", "--json", "--port", "0", ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((told, failed) => {
    let said = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      said += chunk;
      if (said.includes("\n")) told((JSON.parse(said.split("\n")[0]) as { url: string }).url);
    });
    child.once("exit", (code) => failed(new Error(`stampede serve ended with ${code}`)));
  });
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  };
  return { url, stop };
}

/** The environment of a user whose state lies in a folder. */
export function userIn(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, STAMPEDE_STATE: join(folder, "state"), STAMPEDE_DB: "" };
}

export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "stampede-web-"));
  const env = userIn(folder);
  for (const run of RUNS) {
    cpSync(join(CORPUS, run), join(folder, run), { recursive: true });
    execFileSync(STAMPEDE, ["load", "-q", join(folder, run)], { env });
  }
  const service = await serve(
    RUNS.map((run) => join(folder, run)),
    env,
  );
  process.env.STAMPEDE_URL = service.url;
  process.env.STAMPEDE_FOLDER = folder;
  return async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
