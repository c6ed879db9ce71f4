import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

/** The list that says all that the canvas shows. */
const LIST = "Nodes by urgency";

test("a graph opens folded by what jobs run, with states in words", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph`);
  await expect(page.locator("canvas[data-ready]").first()).toBeVisible();
  const picture = page.getByRole("application");
  await expect(picture).toHaveAccessibleName(/7 nodes, 12 edges; 6 done, 1 failed, 7 can never run/);
  await expect(page.getByRole("listbox", { name: LIST }).getByRole("option").first()).toContainText("findrange");
});

test("failures show what failed, what it waited for, and what can never run", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph`);
  await page.getByRole("link", { name: /^Failures/ }).click();
  await expect(page).toHaveURL(/view=failures/);
  const list = page.getByRole("listbox", { name: LIST });
  await expect(list.getByRole("option", { name: /failed findrange_ID0000003/ })).toBeVisible();
  await expect(list.getByRole("option", { name: /done preprocess_ID0000001/ })).toBeVisible();
  await expect(list.getByRole("option", { name: /can never run/ })).toHaveCount(7);
});

test("what is found is chosen, lit, and has an address that can be shared", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph?view=jobs`);
  await page.getByRole("searchbox", { name: "Find a node" }).fill("findrange_id0000003");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/at=findrange_ID0000003/);
  const chosen = page.getByRole("region", { name: "Chosen node" });
  await expect(chosen.getByText("exit 3")).toBeVisible();
  await chosen.getByRole("link", { name: "All it waits for" }).click();
  await expect(page).toHaveURL(/path=up/);
  await page.reload();
  await expect(chosen.getByRole("heading", { name: "findrange_ID0000003" })).toBeVisible();
  await chosen.getByRole("link", { name: "What is near" }).click();
  await expect(page).toHaveURL(/view=near/);
  await expect(page.getByText(/Up to 2 edges around/)).toBeVisible();
  await chosen.getByRole("link", { name: "Open job" }).click();
  await expect(page).toHaveURL(/\/jobs\/findrange_ID0000003$/);
});

test("a click on a box chooses it; keys move, zoom, and go to what failed", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph?view=jobs`);
  const picture = page.getByRole("application");
  await expect(page.locator("canvas[data-ready]").first()).toBeVisible();
  await page.keyboard.press("x");
  await expect(page).toHaveURL(/at=findrange_ID0000003/);
  const box = (await picture.boundingBox())!;
  // what was gone to lies in the middle; beside it is nothing
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/at=/);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(page).toHaveURL(/at=findrange_ID0000003/);
  const before = await picture.screenshot();
  await picture.focus();
  await page.keyboard.press("+");
  await page.keyboard.press("ArrowLeft");
  await expect.poll(async () => (await picture.screenshot()).equals(before)).toBe(false);
});

test("a job that is a workflow leads to the graph of it", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_e_subdag")}/graph?view=workflows`);
  const list = page.getByRole("listbox", { name: LIST });
  await expect(list.getByRole("option")).toHaveCount(5);
  await list.getByRole("option", { name: /inner_nested/ }).click();
  await page.getByRole("link", { name: "Graph of the sub-workflow" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "inner_nested" })).toBeVisible();
  await expect(page.getByRole("application")).toBeVisible();
});

test("where nothing failed, that is good news", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_e_subdag")}/graph?view=failures`);
  await expect(page.getByRole("heading", { name: "Nothing has failed" })).toBeVisible();
});

test("the neighbourhood of a job that is not there says so", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph?view=near&of=nobody`);
  await expect(page.getByRole("alert")).toContainText("nobody");
});

test("axe finds nothing", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph?view=jobs&at=findrange_ID0000003`);
  await expect(page.getByRole("region", { name: "Chosen node" }).getByText("exit 3")).toBeVisible();
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations).toEqual([]);
});
