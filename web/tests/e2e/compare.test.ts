import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

test("a run without a past says so", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/compare`);
  await expect(page.getByRole("heading", { name: "No earlier run is known that ended well" })).toBeVisible();
});

test("any run can be named to compare with; the plans differ", async ({ page, request }) => {
  const rescue = await uuidOf(request, "failing");
  const runs = await (await request.get("/api/v1/workflows?limit=100")).json();
  const other = runs.items.find((one: { wf_uuid: string }) => one.wf_uuid !== rescue).wf_uuid as string;
  await page.goto(`/workflows/${rescue}/compare`);
  await page.getByRole("textbox", { name: "or any run" }).fill(other);
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page).toHaveURL(new RegExp(`against=${other}`));
  await expect(page.getByRole("heading", { name: "Planned otherwise" })).toBeVisible();
  await expect(page.getByText(`stampede compare ${other} ${rescue}`)).toBeVisible();
  const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(axe.violations).toEqual([]);
});

test("a run held against itself has not changed", async ({ page, request }) => {
  const uuid = await uuidOf(request, "failing");
  await page.goto(`/workflows/${uuid}/compare?against=${uuid}`);
  await expect(page.getByRole("heading", { name: "Nothing changed beyond noise" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Planned the same" })).toBeVisible();
});
