// When numbers change on screen: node live.mjs URL UUID SECONDS. Told is [[epoch ms, jobs done], …], as the eye would see them.
import { launch } from "./browser.mjs";

const [url, uuid, seconds] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.addInitScript(() => {
  globalThis.seen = [];
  let last = -1;
  const look = () => {
    // what the bar of the head says: "12 done, 3 running …"
    const words = document.querySelector("main header [role=img]")?.getAttribute("aria-label") ?? "";
    const done = Number((/([\d,]+) done/.exec(words)?.[1] ?? "-1").replaceAll(",", ""));
    if (done > last) {
      last = done;
      globalThis.seen.push([performance.timeOrigin + performance.now(), done]);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
await page.goto(`${url}/workflows/${uuid}`);
process.stderr.write("looking\n");
await page.waitForTimeout(Number(seconds) * 1000);
process.stdout.write(`${JSON.stringify(await page.evaluate(() => globalThis.seen))}\n`);
await browser.close();
