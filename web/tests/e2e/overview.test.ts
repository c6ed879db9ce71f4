import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

test("a newcomer is at the line that explains the failure after one click", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("grid", { name: "Runs" }).getByRole("link", { name: "failing", exact: true }).click();
  await expect(page.getByText("findrange2: FATAL: required calibration file")).toBeVisible();
});

test("a failed run says how it ended, why, and where its files lie", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}`);
  const verdict = page.getByRole("region", { name: "How it stands" });
  await expect(verdict).toContainText("Failed after 6 min 21 s.");
  await expect(verdict).toContainText("6 of 14 jobs done, 1 failed, 7 can never run");
  await expect(page.getByText("findrange2: FATAL: required calibration file")).toBeVisible();
  await expect(page.getByRole("button", { name: "Copy DAGMan's log" })).toBeVisible();
  await expect(page.getByText("rescue DAG written")).toBeVisible();
  await expect(page.getByText("planner 5.1.3-dev.0")).toBeVisible();
});

test("a run that went well says so, and tells its sub-workflows as a tree that folds", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_e_subdag")}`);
  await expect(page.getByRole("region", { name: "How it stands" })).toContainText("Succeeded in");
  await expect(page.getByRole("heading", { name: "Nothing is wrong" })).toBeVisible();
  const tree = page.getByRole("list", { name: "Sub-workflows" });
  await expect(tree.getByRole("link", { name: "deepest" })).toBeVisible();
  await tree.getByRole("button", { name: "Fold inner_nested" }).click();
  await expect(tree.getByRole("link", { name: "deepest" })).toBeHidden();
  await page.getByRole("button", { name: /only those with trouble/ }).click();
  await expect(page).toHaveURL(/below=trouble/);
});

test("what the engine did in each of its runs is told in order", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_c_rescue")}`);
  const items = page.locator("section", { hasText: "Starts, rescues, restarts" }).getByRole("listitem");
  await expect(items).toContainText([/DAGMan/, /DAGMan/, /rescue DAG written/, /run 2/]);
});

for (const [label, colorScheme] of [
  ["failing", "light"],
  ["dm_e_subdag", "dark"],
] as const) {
  test(`the overview of ${label} has no finding of axe in ${colorScheme}`, async ({ page, request }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`/workflows/${await uuidOf(request, label)}`);
    await expect(page.getByRole("heading", { name: "What its jobs should ask for" })).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Loading" })).toHaveCount(0);
    const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
    expect(axe.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.target)}`)).toEqual([]);
  });
}
