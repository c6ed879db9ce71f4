import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ERROR_LINE, HOSTILE, JOB, LINES, NAME, serveHostile, UUID } from "./hostile";
import { expect, test } from "./page";

let service: Awaited<ReturnType<typeof serveHostile>>;
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  service = await serveHostile();
});
test.afterAll(async () => service.stop());

const open = (page: Page, query: string) => page.goto(`${service.url}/workflows/${UUID}/jobs/${JOB}?${query}`);
const shown = (page: Page, attempt: number) =>
  page.getByRole("region", { name: new RegExp(`^stderr of try ${attempt},`) });

test("hostile output is text: no script runs, nothing is obeyed, the page stays usable", async ({ page }) => {
  await open(page, "attempt=2&tab=stderr&at=0-1");
  const output = shown(page, 2);
  await expect(output).toContainText(HOSTILE[0]);
  await expect(output).toContainText("\\x1b[31mred\\x1b[0m");
  await expect(output).toContainText("nul \\x00, \\u202eturned\\u202c, \\u2066isolated\\u2069");
  await expect(output).toContainText("עברית");
  await expect(output).toContainText("\ufffd\ufffd \ufffd(");
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
  expect(await output.locator("script, img").count()).toBe(0);
  // a line of 10 MB is only there as far as it is seen, and what is behind it can be reached
  expect(await page.evaluate(() => document.body.textContent?.length)).toBeLessThan(500_000);
  await output.focus();
  await page.keyboard.press("End");
  await expect(output).toContainText("behind the long line");
});

test("a name that is markup and turns text is a name", async ({ page, request }) => {
  const { items } = await (await request.get(`${service.url}/api/v1/workflows?label=dm_g_hold`)).json();
  await page.goto(`${service.url}/workflows/${items[0].wf_uuid}/jobs/${encodeURIComponent(NAME)}?tab=dagman`);
  const name = NAME.replace("\u202e", "\\u202e");
  await expect(page.getByRole("heading", { level: 2 }).first()).toHaveText(name);
  await expect(page.getByText(`Submitting HTCondor Node ${name} job(s)...`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Waits for", exact: true }).getByRole("link")).toHaveText(/start/);
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

test("a text is found in a large file, and the address leads others to the same lines", async ({ page }) => {
  await open(page, "attempt=1&tab=stderr");
  const output = shown(page, 1);
  await expect(output).toContainText(ERROR_LINE); // it begins at the first sign of an error
  await output.focus();
  await page.keyboard.press("End");
  await expect(output).toContainText("the very last line");
  await page.getByRole("searchbox", { name: "Find in stderr" }).fill("THE LINE that matters");
  await expect(page.getByRole("status").getByText("1", { exact: true })).toBeVisible();
  await page.getByRole("searchbox", { name: "Find in stderr" }).press("Enter");
  await expect(output.getByText("the line that matters")).toBeVisible();
  await output.locator("a[data-byte]").first().click();
  await expect(page).toHaveURL(/at=\d+-\d+/);
  const address = page.url();
  const marked = (await output.locator("[data-marked]").textContent()) ?? "";
  await page.goto("about:blank");
  await page.goto(address);
  await expect(shown(page, 1).locator("[data-marked]")).toHaveText(marked);
});

test("one can page through a large file both ways without losing the place", async ({ page }) => {
  await open(page, "attempt=1&tab=stderr&at=0-1");
  const output = shown(page, 1);
  await expect(output).toContainText("00000000 words");
  await output.hover();
  for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 4000);
  await expect(output).not.toContainText("00000000 words");
  const numbers = ((await output.textContent()) ?? "").match(/\d{8} words/g)!.map((one) => Number(one.slice(0, 8)));
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => numbers[0] + at));
  expect(numbers[0]).toBeLessThan(LINES);
  for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, -4000);
  await expect(output).toContainText("00000000 words");
});

test("signs of errors are listed and lead to their place", async ({ page }) => {
  await open(page, "attempt=1&tab=stderr");
  await page.getByRole("button", { name: "Errors", exact: true }).click();
  await page.getByRole("button", { name: "List", exact: true }).click();
  await page.getByRole("list", { name: "Places" }).getByRole("button", { name: ERROR_LINE }).click();
  await expect(shown(page, 1).locator("mark[data-current]")).toHaveText("Error");
});

test("what is written meanwhile is seen by the next who looks", async ({ page }) => {
  appendFileSync(join(service.run, "00/00", `${JOB}.err.000`), "\nwritten later\n");
  await open(page, "attempt=1&tab=stderr&at=0-1");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await expect(shown(page, 1)).toContainText("written later");
});
