import { expect, test, uuidOf } from "./page";

test("a run's address shows its label, state and tabs", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}`);
  await expect(page.getByRole("heading", { level: 1, name: "failing" })).toBeVisible();
  await expect(page.getByText("failed", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Pages of this run" }).getByRole("link")).toHaveCount(7);
});

test("slash opens the search, which finds a job by its name", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: "Search" }).fill("findrange_ID0000003");
  await page
    .getByRole("link", { name: /findrange_ID0000003/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/jobs\/findrange_ID0000003$/);
});

test("the theme that was chosen stays after a reload", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Dark" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("an unknown run says so, and how to go on", async ({ page }) => {
  await page.goto("/workflows/00000000-0000-0000-0000-000000000000");
  await expect(page.getByRole("alert")).toContainText("There is no such thing here");
});
