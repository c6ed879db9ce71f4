import { describe, expect, it } from "vitest";
import { bestTab, endWord, isOpen, tryLook, wordOf } from "@/pages/job/standing";
import { exited, jobOf, phase, tryOf } from "./samples";

describe("wordOf", () => {
  it("tells what runs, waits and is held in the queue apart", () => {
    const of = (name: "run" | "queue" | "held") =>
      wordOf(jobOf({ tries: [tryOf({ phases: [phase(name, 1, null)] })] }));
    expect([of("run"), of("queue"), of("held")]).toEqual(["running", "idle", "held"]);
  });
  it("says queued where nothing is known, and other states as they are", () => {
    expect(wordOf(jobOf())).toBe("queued");
    expect(wordOf(jobOf({ state: "futile" }))).toBe("futile");
  });
});

describe("a try", () => {
  it("is open until it has an outcome", () => {
    expect(isOpen(tryOf())).toBe(true);
    expect(isOpen(tryOf({ outcome: "failed" }))).toBe(false);
    expect(isOpen(undefined)).toBe(false);
  });
  it("looks like what it does, then like its outcome", () => {
    expect(tryLook(tryOf({ phases: [phase("post", 1, null)] })).word).toBe("post script");
    expect(tryLook(tryOf({ outcome: "success" })).word).toBe("succeeded");
  });
  it("tells the exit of the script where that of the program is not known", () => {
    expect(endWord(tryOf({ outcome: "failed", post_exit: exited(1) }))).toBe("POST script exit 1");
    expect(endWord(tryOf({ outcome: "failed", exit: exited(3), post_exit: exited(1) }))).toBe("exit 3");
  });
});

describe("bestTab", () => {
  it("is where a failed try wrote", () => {
    const out = [{ seq: 1, stream: "stdout", text: "x" }];
    expect(bestTab(tryOf({ outcome: "failed", output: out }))).toBe("stdout");
    expect(bestTab(tryOf({ outcome: "failed", files: { stderr: "/e" } }))).toBe("stderr");
    expect(bestTab(tryOf({ outcome: "failed", output: [...out, { seq: 1, stream: "stderr", text: "y" }] }))).toBe(
      "stderr",
    );
  });
  it("is the output of one that went well", () => expect(bestTab(tryOf({ outcome: "success" }))).toBe("stdout"));
});
