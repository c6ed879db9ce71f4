import { expect, test } from "vitest";
import { router } from "@/router";

test.each(["a/b", "stage in/j%2f0//x", "100%", "plain"])(
  "the page of the job %s has an address that leads back to it",
  (name) => {
    const location = router.buildLocation({ to: "/workflows/$uuid/jobs/$name", params: { uuid: "u", name } });
    const match = router.matchRoutes(location).at(-1);
    expect(match?.fullPath).toBe("/workflows/$uuid/jobs/$name");
    expect(match?.params).toEqual({ uuid: "u", name });
  },
);
