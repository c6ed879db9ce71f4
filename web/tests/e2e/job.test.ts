import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, uuidOf } from "./page";

const FAILED = "findrange_ID0000003";

test("a failed job says why, in words, and how its tries went", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/${FAILED}`);
  await expect(page.getByRole("heading", { level: 2, name: FAILED })).toBeVisible();
  const why = page.getByRole("region", { name: "Cause" });
  await expect(why).toContainText("required calibration file /home/wf/peg/pg_fail/calibration.dat is missing");
  await expect(page.getByRole("heading", { name: "2 tries" })).toBeVisible();
  const printed = page.getByRole("region", { name: "stderr of diamond::findrange:4.0, task ID0000003" });
  await expect(printed).toContainText("FATAL: required calibration file");
  const second = page.getByRole("button", { name: /^#2/ });
  await expect(second).toHaveAttribute("aria-current", "true");
  await expect(second.getByRole("img")).toHaveAttribute("aria-label", /queued .*run 4 s.*held 31 s/);
  await expect(page.getByText(`stampede show ${FAILED}`)).toBeVisible();
});

test("the cause of a job leads to that cause in triage, with the job chosen", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/${FAILED}`);
  await page
    .getByRole("region", { name: "Cause" })
    .getByRole("link", { name: /This cause in triage/ })
    .click();
  await expect(page).toHaveURL(new RegExp(`triage\\?cause=c[0-9a-f]{12}&member=${FAILED}`));
  await expect(page.getByText("The cause that this address names is no more")).toHaveCount(0);
  await expect(page.getByRole("region", { name: `Try 2 of ${FAILED}` })).toBeVisible();
});

test("choosing a try changes what is shown of it, and the address", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/${FAILED}`);
  await page.getByRole("button", { name: /^#1/ }).click();
  await expect(page).toHaveURL(/attempt=1/);
  await expect(page.getByRole("heading", { name: "States of try 1" })).toBeVisible();
  await expect(page.getByText("1068.0").first()).toBeVisible();
  await page.getByRole("navigation", { name: "Outputs" }).getByRole("link", { name: "stdout" }).click();
  await expect(page.getByRole("region", { name: /^stdout of try 1,/ })).toContainText("findrange2: start");
});

test("what DAGMan, HTCondor and the planner wrote of a job is there", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/${FAILED}?tab=dagman`);
  await expect(page.getByText("POST Script of node findrange_ID0000003 failed with status 1")).toHaveCount(2);
  const tabs = page.getByRole("navigation", { name: "Outputs" });
  await tabs.getByRole("link", { name: "HTCondor events" }).click();
  await expect(page.getByText("012 (1096.000.000)")).toBeVisible();
  await tabs.getByRole("link", { name: "submit file" }).click();
  await expect(page.getByRole("region", { name: /^submit file,/ })).toContainText("PEGASUS WMS GENERATED SUBMIT FILE");
});

test("files lead to who made them, neighbours to their pages", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/preprocess_ID0000001`);
  const outputs = page.getByRole("region", { name: "Outputs" });
  await expect(outputs).toContainText("f.b2");
  await outputs.getByRole("link", { name: FAILED }).click();
  await expect(page.getByRole("heading", { level: 2, name: FAILED })).toBeVisible();
  await page
    .getByRole("region", { name: "Waits for", exact: true })
    .getByRole("link", { name: /preprocess/ })
    .click();
  await expect(page.getByRole("heading", { level: 2, name: "preprocess_ID0000001" })).toBeVisible();
});

test("a hold shows its reason and code", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "dm_g_hold")}/jobs/licence`);
  await expect(page.getByRole("list", { name: "Holds" })).toContainText(/Held for .* code \d+/);
});

test("a job that runs a workflow leads to it", async ({ page, request }) => {
  const uuid = await uuidOf(request, "dm_e_subdag");
  const { items } = await (await request.get(`/api/v1/workflows/${uuid}/jobs?node_type=subdag`)).json();
  await page.goto(`/workflows/${uuid}/jobs/${items[0].name}`);
  await page.getByRole("link", { name: "open the workflow below" }).click();
  await expect(page).not.toHaveURL(new RegExp(uuid));
  await expect(page.getByText(`sub-workflow of job ${items[0].name}`)).toBeVisible();
});

test("a name that no job has says so", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/none`);
  await expect(page.getByRole("alert")).toContainText("There is no job 'none'");
});

test("the page keeps WCAG AA", async ({ page, request }) => {
  await page.goto(`/workflows/${await uuidOf(request, "failing")}/jobs/${FAILED}?attempt=1&tab=stdout`);
  await expect(page.getByRole("region", { name: /^stdout of try 1,/ })).toBeVisible();
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(" ")}`)).toEqual([]);
});
