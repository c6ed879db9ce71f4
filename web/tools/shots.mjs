// Pictures of pages at two sizes and in both themes: node tools/shots.mjs URL FOLDER PATH...
// Each is looked at by whoever changed a page. Also prints what axe-core finds against WCAG 2.2 AA.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "@playwright/test";

const [url, folder, ...paths] = process.argv.slice(2);
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
  ],
});
mkdirSync(folder, { recursive: true });
let found = 0;
for (const colorScheme of ["light", "dark"]) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    page.on("pageerror", (error) => process.stdout.write(`error ${page.url()}: ${error}\n`));
    for (const path of paths) {
      await page.goto(url + path);
      await page.waitForTimeout(1500); // a live page is never idle
      const name = path.replace(/^\/workflows\/([^/]{8})[^/]*/, "$1").replace(/[^\w.-]+/g, "_") || "home";
      await page.screenshot({ path: join(folder, `${name}.${size}.${colorScheme}.png`) });
      const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
      for (const one of axe.violations) {
        found += 1;
        process.stdout.write(
          `axe ${path} ${size} ${colorScheme}: ${one.id}: ${one.nodes.map((n) => n.target).join(" ")}\n`,
        );
      }
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wider > 0) process.stdout.write(`wide ${path} ${size}: ${wider} px wider than the window\n`);
    }
    await context.close();
  }
}
await browser.close();
process.exitCode = found ? 1 : 0;
