/** What every end-to-end test begins with: a page on the service, and no error in it that nobody looked at. */

import { type APIRequestContext, test as base, expect } from "@playwright/test";

export { expect };

/** A browser page whose scripts threw nothing and whose content policy was not broken, or the test fails. */
export const test = base.extend<{ noErrors: undefined }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from it
  baseURL: async ({}, use) => use(process.env.STAMPEDE_URL),
  noErrors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) errors.push(message.text());
      });
      await use(undefined);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

/** The uuid of the root workflow with that label (or whose DAG file begins with it). */
export async function uuidOf(request: APIRequestContext, label: string): Promise<string> {
  const answer = await request.get(`/api/v1/workflows?limit=100`);
  const { items } = (await answer.json()) as {
    items: { wf_uuid: string; label: string | null; parent_wf_uuid: string | null }[];
  };
  const found = items.find((one) => one.label === label && one.parent_wf_uuid === null);
  if (!found) throw new Error(`no workflow ${label} among ${items.map((one) => one.label).join(", ")}`);
  return found.wf_uuid;
}
