import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test, uuidOf } from "./page";

const drawing = (page: Page) => page.getByRole("group", { name: /^Tries over time/ });

async function open(page: Page, uuid: string, query = ""): Promise<void> {
  await page.goto(`/workflows/${uuid}/gantt${query}`);
  await expect(page.locator("main canvas[data-ready]").first()).toBeVisible();
  await expect(drawing(page)).toBeVisible();
}

test.describe("the Gantt page", () => {
  let uuid = "";
  test.beforeEach(async ({ request }) => {
    uuid = await uuidOf(request, "failing");
  });

  test("says in words what it draws, and as a list that leads to jobs", async ({ page }) => {
    await open(page, uuid);
    await expect(drawing(page)).toHaveAttribute("aria-label", /8 tries in 6 lanes, 2 failed, 0 running/);
    await page.getByText("What is drawn, as a list").click();
    const rows = page.getByRole("row", { name: /findrange_ID0000003/ });
    await expect(rows).toHaveCount(2);
    await rows.nth(1).getByRole("link").click();
    await expect(page).toHaveURL(/\/jobs\/findrange_ID0000003$/);
  });

  test("shows only the tries that are asked for, in an address that can be shared", async ({ page }) => {
    await open(page, uuid);
    await page.getByLabel("Show").selectOption("failed");
    await expect(page).toHaveURL(/attempt=failed/);
    await expect(drawing(page)).toHaveAttribute("aria-label", /2 tries in 1 lane, 2 failed/);
    await page.reload();
    await expect(drawing(page)).toHaveAttribute("aria-label", /2 tries in 1 lane, 2 failed/);
  });

  test("follows the critical path, and says where its time went", async ({ page }) => {
    await open(page, uuid);
    await page.getByLabel("Lanes by").selectOption("path");
    await expect(page.getByText(/The chain of 4 jobs that led to the end/)).toBeVisible();
  });

  test("zooms at the wheel and comes back; the address and the command follow", async ({ page }) => {
    await open(page, uuid);
    const box = (await drawing(page).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 30);
    await page.mouse.wheel(0, -400);
    await expect(page).toHaveURL(/since=2026-11-21T.*until=2026-11-21T/);
    await expect(page.getByText(/stampede plot gantt .* --since 2026-11-21T/)).toBeVisible();
    await page.keyboard.press("0");
    await expect(page).not.toHaveURL(/since=/);
  });

  test("zooms to what is marked with Shift, and pans when dragged", async ({ page }) => {
    await open(page, uuid);
    const box = (await drawing(page).boundingBox())!;
    const y = box.y + 30;
    await page.keyboard.down("Shift");
    await page.mouse.move(box.x + box.width * 0.6, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await expect(page).toHaveURL(/since=/);
    const before = new URL(page.url()).searchParams.get("since")!;
    await page.mouse.move(box.x + box.width * 0.8, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await expect
      .poll(() => Date.parse(new URL(page.url()).searchParams.get("since") ?? "") - Date.parse(before))
      .toBeGreaterThan(1000);
  });

  test("squeezes idle time", async ({ page }) => {
    await open(page, uuid);
    await page.getByRole("button", { name: "Squeeze idle time" }).click();
    await expect(page).toHaveURL(/fold=1/);
    await page.reload();
    await expect(page.getByRole("button", { name: "Squeeze idle time" })).toHaveAttribute("aria-pressed", "true");
    await expect(drawing(page)).toHaveAttribute("aria-label", /8 tries/);
  });

  test("is walked through by keys alone", async ({ page }) => {
    await open(page, uuid);
    await drawing(page).focus();
    for (const key of ["J", "J", "J", "J", "k", "j"]) await page.keyboard.press(key);
    await expect(page.getByText(/^findrange_ID\d+, try \d, \w+; /)).toBeAttached();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/jobs\/findrange_ID/);
  });

  test("tells of what lies under the pointer", async ({ page }) => {
    await open(page, uuid, "?by=path&attempt=1");
    const box = (await drawing(page).boundingBox())!;
    // the failed try was held behind its run: a long bar in the last lane
    await page.mouse.move(box.x + 250, box.y + box.height - 12);
    await expect(page.getByText("on a machine", { exact: true })).toBeVisible();
    await page.mouse.click(box.x + 250, box.y + box.height - 12);
    await expect(page).toHaveURL(/\/jobs\//);
  });

  test("has nothing on a phone that axe-core finds, and is no wider than its window", async ({ page }) => {
    await open(page, uuid);
    await page.getByText("What is drawn, as a list").click();
    await page.setViewportSize({ width: 390, height: 800 });
    const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
    expect(found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.target)])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

test("jobs of sub-workflows lead to their own pages", async ({ page, request }) => {
  await open(page, await uuidOf(request, "dm_e_subdag"));
  await page.getByText("What is drawn, as a list").click();
  await page
    .getByRole("link", { name: /^inner_ok\// })
    .first()
    .click();
  await expect(page).not.toHaveURL(new RegExp(`${await uuidOf(request, "dm_e_subdag")}/jobs`));
  await expect(page).toHaveURL(/\/jobs\/(?!inner)/);
});

test("a question that cannot be answered says so", async ({ page, request }) => {
  await page.route("**/gantt?*", (route) =>
    route.fulfill({ status: 400, contentType: "application/problem+json", body: '{"detail":"No such window."}' }),
  );
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/gantt`);
  await expect(page.getByRole("alert")).toContainText("No such window.");
});
