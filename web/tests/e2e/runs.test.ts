import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";
import { CORPUS, STAMPEDE, serve, userIn } from "./served";

/** What costs a question of its own for each row comes when the list stands still: on a busy machine that takes a while. */
const PATIENT = { timeout: 20_000 };

test("a failed run tells the line of output that explains it, one click from its triage", async ({ page, request }) => {
  await page.goto("/");
  const why = page.getByRole("link", { name: /cause.*calibration\.dat is missing/ });
  await expect(why).toBeVisible(PATIENT);
  await why.click();
  await expect(page).toHaveURL(new RegExp(`/workflows/${await uuidOf(request, "failing")}/triage$`));
});

test("what is searched for stands in the address, and the list has only that", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("searchbox", { name: /Label/ }).fill("dm_g");
  await expect(page).toHaveURL(/q=dm_g/);
  await expect(page.getByRole("grid", { name: "Runs" }).getByRole("row")).toHaveCount(2);
  await page.reload();
  await expect(
    page.getByRole("grid", { name: "Runs" }).getByRole("link", { name: "dm_g_hold", exact: true }),
  ).toBeVisible();
  await expect(page.getByRole("grid", { name: "Runs" }).getByRole("row")).toHaveCount(2);
});

test("a condition is a chip that can be taken away", async ({ page }) => {
  await page.goto("/?where=state%3Dsuccess");
  await expect(page.getByRole("listitem").filter({ hasText: "state is success" })).toBeVisible();
  const rows = page.getByRole("grid", { name: "Runs" }).getByRole("row");
  const well = await rows.count();
  await page.getByRole("button", { name: "Take away: state=success" }).click();
  await expect(page).not.toHaveURL(/where/);
  await expect(rows).not.toHaveCount(well);
});

test("a filter that nobody understands is answered with what is known", async ({ page }) => {
  await page.goto("/?where=stat%3Dfailed");
  await expect(page.getByRole("alert")).toContainText("Did you mean state?");
});

test("a click on a head sorts, in the address too", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page).toHaveURL(/sort=label/);
  await expect(page.getByRole("columnheader", { name: /^Run/ })).toHaveAttribute("aria-sort", "ascending");
  const first = page.getByRole("grid", { name: "Runs" }).getByRole("row").nth(1);
  await expect(first).toContainText("dm_c_rescue");
});

test("the keyboard walks the list, unfolds and opens", async ({ page, request }) => {
  await page.goto("/?sort=label");
  const grid = page.getByRole("grid", { name: "Runs" });
  await expect(grid.getByRole("row").nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("j");
  await expect(grid.getByRole("row").nth(2)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("e");
  await expect(grid.getByRole("listitem").first()).toContainText("job");
  await grid.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/workflows/${await uuidOf(request, "dm_c_rescue")}$`));
});

test("labels lead to their runs", async ({ page }) => {
  await page.goto("/?view=labels");
  await page.getByRole("link", { name: "dm_g_hold" }).click();
  await expect(page).toHaveURL(/where=label/);
  await expect(page.getByRole("grid", { name: "Runs" }).getByRole("row")).toHaveCount(2);
});

for (const [name, path] of [
  ["runs", "/"],
  ["labels", "/?view=labels"],
  ["nothing found", "/?q=there-is-no-such-run"],
]) {
  test(`axe finds nothing wrong: ${name}`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByText("runs in all")).toBeVisible();
    await page.waitForTimeout(500);
    const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
    expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((n) => n.target).join(" ")}`)).toEqual([]);
  });
}

test.describe("a service of its own", () => {
  test.setTimeout(90_000);

  test("says how to begin when it has nothing, and announces a run that comes without moving the list", async ({
    page,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), "stampede-web-runs-"));
    const env = userIn(folder);
    const load = (run: string) => {
      cpSync(join(CORPUS, run), join(folder, run), { recursive: true });
      execFileSync(STAMPEDE, ["load", "-q", "--db", `sqlite:///${folder}/all.sqlite`, join(folder, run)], { env });
    };
    const service = await serve(["--db", `sqlite:///${folder}/all.sqlite`], env);
    try {
      await page.goto(service.url);
      await expect(page.getByText("stampede watch DIR")).toBeVisible();
      load("dm_c_rescue");
      await page.goto(service.url);
      const rows = page.getByRole("grid", { name: "Runs" }).getByRole("row");
      await expect(rows).toHaveCount(2);
      await expect(page.getByText("live", { exact: true })).toBeVisible();
      load("pg_fail");
      const news = page.getByRole("button", { name: /1 new/ });
      await expect(news).toBeVisible(PATIENT);
      await expect(rows).toHaveCount(2);
      await news.click();
      await expect(rows).toHaveCount(3);
      await expect(news).toBeHidden();
    } finally {
      await page.goto("about:blank"); // nothing asks a service that is gone
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
