import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

test("every chart of a run says in a sentence what it shows, and is a table too", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/charts`);
  await expect(page.getByText(/At the end of this time 6 of 14 jobs were done/)).toBeVisible();
  await expect(page.getByText(/tries that ended in this time failed/)).toBeVisible();
  for (const title of ["Jobs over time", "Failures over time", "Run times by transformation", "Hosts side by side"]) {
    await page.getByRole("button", { name: `Table of ${title}` }).click();
    await expect(page.getByRole("region", { name: title }).getByRole("table")).toBeVisible();
  }
  await expect(page).toHaveURL(/tables=/);
  await page.reload();
  await expect(page.getByRole("region", { name: "Jobs over time" }).getByRole("table")).toBeVisible();
});

test("a drag across jobs over time chooses a part of time, which the address keeps", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/charts`);
  const box = (await page.locator("#jobs canvas").boundingBox())!;
  await page.mouse.move(box.x + 200, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/since=.*until=/);
  await page.getByRole("button", { name: "All of the run" }).click();
  await expect(page).not.toHaveURL(/since=/);
});

test("statistics are sorted by a column, and the address says so", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/charts`);
  const table = page.getByRole("region", { name: "Transformations" });
  await table.getByRole("button", { name: "failed" }).click();
  await expect(table.locator("tbody tr").first()).toContainText("findrange");
  await expect(page).toHaveURL(/sort=-failed/);
});

test("charts leave as CSV and as SVG", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/charts`);
  const csv = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV of Hosts side by side" }).click();
  expect((await csv).suggestedFilename()).toBe("hosts.csv");
  const svg = page.waitForEvent("download");
  await page.getByRole("link", { name: "SVG of Jobs over time" }).click();
  expect((await svg).suggestedFilename()).toBe("jobs.svg");
});

test("charts are accessible", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/charts`);
  await expect(page.locator("#efficiency dl")).toBeVisible();
  const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(axe.violations).toEqual([]);
});
