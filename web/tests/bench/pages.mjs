// What pages cost: node pages.mjs URL UUID JOB. For each: useful paint, bytes, requests, heap; frames while panning or scrolling.
import { launch, quantile } from "./browser.mjs";

const [url, uuid, job] = process.argv.slice(2);
const RUN = `/workflows/${uuid}`;

/** A page, what shows that it is useful, and what is moved about on it. */
const PAGES = [
  { name: "runs", path: "/", useful: "main [role=row] a, main tbody a", move: "scroll" },
  { name: "overview", path: RUN, useful: "main section h2" },
  { name: "jobs", path: `${RUN}/jobs`, useful: "main [role=row] a, main tbody a", move: "scroll" },
  { name: "job", path: `${RUN}/jobs/${encodeURIComponent(job)}`, useful: "main section h2" },
  { name: "triage", path: `${RUN}/triage`, useful: "main h2" },
  { name: "graph", path: `${RUN}/graph`, useful: "main canvas[data-ready]", move: "drag" },
  { name: "graph of all jobs", path: `${RUN}/graph?view=jobs`, useful: "main canvas[data-ready]", move: "drag" },
  { name: "gantt", path: `${RUN}/gantt`, useful: "main canvas[data-ready]", move: "drag" },
  { name: "charts", path: `${RUN}/charts`, useful: "main canvas, main svg" },
];
const LONGEST_MS = 60_000;

const browser = await launch();
const told = {};
for (const one of PAGES) {
  // a browser that has never been here: nothing is kept
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  told[one.name] = await measured(page, one).catch((error) => ({ error: String(error).split("\n")[0] }));
  process.stderr.write(`  ${one.name}: ${JSON.stringify(told[one.name])}\n`);
  await context.close();
}
await browser.close();
process.stdout.write(`${JSON.stringify(told)}\n`);

async function measured(page, { path, useful, move }) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  await page.addInitScript((selector) => {
    const look = () => {
      if (document.querySelector(selector)) {
        // painted with the frame after the next
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.usefulMs = performance.now())));
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, useful);
  await page.goto(url + path, { waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.usefulMs > 0, undefined, { timeout: LONGEST_MS });
  const usefulMs = await page.evaluate(() => globalThis.usefulMs);
  const firstPaintMs = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  await page.waitForTimeout(1000);
  const figures = { first_paint_ms: Math.round(firstPaintMs), useful_ms: Math.round(usefulMs), bytes, requests };
  if (move) figures.frames_ms = await framesWhile(page, move);
  await page.evaluate(() => globalThis.gc?.());
  figures.heap_bytes = await page.evaluate(() => performance.memory.usedJSHeapSize);
  return figures;
}

/** Times between frames while something is dragged or scrolled for two seconds. */
async function framesWhile(page, move) {
  await page.evaluate(() => {
    globalThis.frames = [];
    let last = performance.now();
    const note = (now) => {
      globalThis.frames.push(now - last);
      last = now;
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  if (move === "drag") await drag(page);
  else await scroll(page);
  const frames = (await page.evaluate(() => globalThis.frames)).slice(1);
  return {
    p50: quantile(frames, 0.5),
    p95: quantile(frames, 0.95),
    longest: quantile(frames, 1),
    count: frames.length,
  };
}

async function drag(page) {
  const box = await page.locator("main canvas[data-ready]").first().boundingBox();
  const [x, y] = [box.x + box.width * 0.7, box.y + Math.min(box.height, 500) / 2];
  await page.mouse.move(x, y);
  for (let i = 0; i < 4; i += 1) await page.mouse.wheel(0, -240);
  await page.waitForTimeout(600);
  await page.mouse.down();
  for (let i = 0; i < 60; i += 1) await page.mouse.move(x - i * 6, y + (i % 20));
  await page.mouse.up();
}

async function scroll(page) {
  await page.mouse.move(640, 500);
  for (let i = 0; i < 60; i += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(16);
  }
}
