import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

/** Tries come when the list stands still: on a busy machine that takes a while. */
const PATIENT = { timeout: 20_000 };

test("failed jobs are one click away, with all their tries", async ({ page, request }) => {
  const uuid = await uuidOf(request, "failing");
  await page.goto(`/workflows/${uuid}/jobs`);
  await page.getByRole("link", { name: /^failed 1/ }).click();
  await expect(page).toHaveURL(/where=word%3Dfailed/);
  const rows = page.getByRole("grid", { name: "Jobs" }).getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText("findrange_ID0000003");
  await expect(rows.nth(1).getByRole("img", { name: /^try [12]: failed, exit 3/ })).toHaveCount(2, PATIENT);
  await rows.nth(1).getByRole("link").click();
  await expect(page).toHaveURL(/\/jobs\/findrange_ID0000003$/);
});

test("the address keeps filter, order and columns", async ({ page, request }) => {
  const uuid = await uuidOf(request, "failing");
  await page.goto(`/workflows/${uuid}/jobs?where=duration_s%3E1&sort=-duration_s&cols=name,took,type`);
  const grid = page.getByRole("grid", { name: "Jobs" });
  await expect(grid.getByRole("columnheader")).toHaveText([/^Job/, /^Ran/, /^Type/]);
  await expect(grid.getByRole("row").nth(1)).toContainText("findrange_ID0000003");
  await page.locator("summary", { hasText: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Type", exact: true }).uncheck();
  await expect(page).toHaveURL(/cols=name(%2C|,)took(&|$)/);
});

test("a condition is added by hand", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs`);
  await page.locator("summary", { hasText: "Condition" }).click();
  await page.getByRole("combobox", { name: "Column" }).selectOption("transformation");
  await page.getByRole("combobox", { name: "Comparison" }).selectOption("~=");
  await page.getByRole("textbox", { name: "Value" }).fill("*findrange*");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(page.getByRole("grid", { name: "Jobs" }).getByRole("row")).toHaveCount(3);
});

test("jobs of sub-workflows come with one tick", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_e_subdag")}/jobs`);
  const rows = page.getByRole("grid", { name: "Jobs" }).getByRole("row");
  await expect(rows.nth(1)).toBeVisible();
  const own = await rows.count();
  await page.getByRole("checkbox", { name: "of sub-workflows too" }).check();
  await expect(page).toHaveURL(/below=true/);
  await expect.poll(() => rows.count()).toBeGreaterThan(own);
});

test("the CSV file has the jobs of the list", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs?where=word%3Dfutile`);
  const address = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
  const lines = (await (await request.get(address ?? "")).text()).trim().split("\n");
  await expect(page.getByRole("grid", { name: "Jobs" }).getByRole("row")).toHaveCount(lines.length);
});

test("on a phone jobs are cards, and the page is no wider than its window", async ({ page, request }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs`);
  await expect(page.getByRole("link", { name: "analyze_ID0000004" })).toBeVisible();
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider).toBeLessThanOrEqual(0);
});

test("axe finds nothing wrong on the list of jobs", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs`);
  await expect(page.getByRole("img", { name: /^try 2/ })).toBeVisible(PATIENT);
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.target).join(" ")}`)).toEqual([]);
});
