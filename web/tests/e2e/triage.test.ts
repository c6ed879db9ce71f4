import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

test("from the home page to the line of output that explains the failure in at most three clicks", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("grid", { name: "Runs" }).getByRole("link", { name: "failing", exact: true }).click();
  await page.getByRole("link", { name: /See failed jobs/ }).click();
  await expect(page.locator("[data-explains]")).toContainText("findrange2: FATAL: required calibration file");
  await expect(page.locator("[data-explains]")).toBeInViewport();
});

test("causes, jobs and what they printed are gone through with keys, and stand in the address", async ({
  page,
  request,
}) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/triage`);
  const causes = page.getByRole("navigation", { name: "Causes" });
  await expect(causes.locator("[aria-current]")).toContainText("the program failed");
  await expect(page.locator("[data-explains]")).toBeVisible();
  await page.keyboard.press("j");
  await expect(causes.locator("[aria-current]")).toContainText("7 jobs can never run");
  await expect(page).toHaveURL(/cause=never/);
  await expect(page.getByRole("link", { name: "analyze_ID0000004" })).toBeVisible();
  await page.keyboard.press("k");
  await expect(page.locator("[data-explains]")).toBeVisible();
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/member=findrange_ID0000003/);
  await page.keyboard.press("2");
  await expect(page.getByRole("tab", { name: /stderr/ })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("tabpanel")).toContainText("User task failed with exitcode 3");
  await page.keyboard.press("h");
  await expect(page).not.toHaveURL(/member=/);
});

test("an address leads to the same job, try and stream again", async ({ page, request }) => {
  const uuid = await uuidOf(request, "failing");
  const told = (await (await request.get(`/api/v1/workflows/${uuid}/triage`)).json()) as { causes: { id: string }[] };
  await page.goto(
    `/workflows/${uuid}/triage?cause=${told.causes[0].id}&member=findrange_ID0000003&attempt=1&stream=kickstart`,
  );
  await expect(page.getByRole("region", { name: "Try 1 of findrange_ID0000003" })).toBeVisible();
  await expect(page.getByRole("tab", { name: /kickstart/ })).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("tabpanel")).toContainText("data_truncated: false");
});

test("holds are told with the reason and the command that comes next", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_g_hold")}/triage`);
  await expect(page.getByRole("region", { name: "The cause" })).toContainText("Next:");
  await expect(
    page.getByRole("region", { name: "The cause" }).getByRole("button", { name: "Copy command" }).first(),
  ).toBeVisible();
  await expect(page.getByText(/Held/).first()).toBeVisible();
});

test("a cause that is no more is said so, and another is shown", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/triage?cause=cffffffffffff`);
  await expect(page.getByText("The cause that this address names is no more")).toBeVisible();
  await expect(page.locator("[data-explains]")).toBeVisible();
});

test("triage has no finding of axe, light or dark", async ({ page, request }) => {
  const uuid = await uuidOf(request, "failing");
  for (const [search, colorScheme, there] of [
    ["", "light", "[data-explains]"],
    ["?cause=never", "dark", "[data-id=never][aria-current]"],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`/workflows/${uuid}/triage${search}`);
    await expect(page.locator(there)).toBeVisible();
    const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
    expect(axe.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.target)}`)).toEqual([]);
  }
});
