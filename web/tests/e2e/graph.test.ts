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

test("two fingers zoom, one moves, a double click opens the job", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/graph?view=jobs`);
  await expect(page.locator("canvas[data-ready]").first()).toBeVisible();
  const picture = page.getByRole("application");
  const box = (await picture.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const devtools = await page.context().newCDPSession(page);
  const touch = (
    type: "touchStart" | "touchMove" | "touchEnd",
    ...touchPoints: { x: number; y: number; id: number }[]
  ) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  const whole = await picture.screenshot();
  await touch("touchStart", { x: x - 40, y, id: 0 });
  await touch("touchStart", { x: x - 40, y, id: 0 }, { x: x + 40, y, id: 1 });
  for (let step = 1; step <= 8; step++) {
    await touch("touchMove", { x: x - 40 - 15 * step, y, id: 0 }, { x: x + 40 + 15 * step, y, id: 1 });
  }
  await touch("touchEnd");
  // no longer whole: the map tells where one is
  await expect(page.locator("canvas").nth(1)).toBeVisible();
  const near = await picture.screenshot();
  expect(near.equals(whole)).toBe(false);
  await touch("touchStart", { x, y, id: 0 });
  for (let step = 1; step <= 5; step++) await touch("touchMove", { x: x + 20 * step, y, id: 0 });
  await touch("touchEnd");
  await expect.poll(async () => (await picture.screenshot()).equals(near)).toBe(false);
  await page.getByRole("button", { name: "Whole" }).click();
  await expect(page.locator("canvas").nth(1)).toBeHidden();
  await page.keyboard.press("x");
  await expect(page).toHaveURL(/at=findrange_ID0000003/);
  await page.mouse.dblclick(x, y);
  await expect(page).toHaveURL(/\/jobs\/findrange_ID0000003$/);
});
