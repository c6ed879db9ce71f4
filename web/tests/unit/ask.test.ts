import { describe, expect, it } from "vitest";
import { addressOf } from "@/api/ask";

describe("addressOf", () => {
  it("escapes names in the path", () =>
    expect(addressOf("/api/v1/workflows/{uuid}/jobs/{name}", { uuid: "u", name: "a/b c" })).toBe(
      "/api/v1/workflows/u/jobs/a%2Fb%20c",
    ));
  it("writes operators of filters into the query and leaves out what is empty", () =>
    expect(addressOf("/x", {}, { "duration_s>": 60, state: "failed,futile", q: "", sort: undefined })).toBe(
      "/x?duration_s%3E=60&state=failed%2Cfutile",
    ));
});
