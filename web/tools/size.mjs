// The scripts of the build, packed, against what they may weigh: 250 KB all together.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FOLDER = new URL("../../src/stampede/service/static/assets/", import.meta.url);
const MOST_BYTES = 250_000;
let all = 0;
for (const name of readdirSync(FOLDER).filter((one) => one.endsWith(".js"))) {
  const bytes = gzipSync(readFileSync(new URL(name, FOLDER)), { level: 9 }).length;
  all += bytes;
  process.stdout.write(`${String(bytes).padStart(8)}  ${name}\n`);
}
process.stdout.write(`${String(all).padStart(8)}  of ${MOST_BYTES} bytes\n`);
process.exitCode = all > MOST_BYTES ? 1 : 0;
