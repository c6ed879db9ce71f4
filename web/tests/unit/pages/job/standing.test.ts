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
  const piece = (seq: number, stream: string) => ({ seq, stream, text: "x" });
  it("is what the programs printed, where a record tells it", () =>
    expect(bestTab(tryOf({ outcome: "failed", output: [piece(0, "stderr"), piece(1, "stdout")] }))).toBe("printed"));
  it("is where a failed try wrote", () => {
    expect(bestTab(tryOf({ outcome: "failed", output: [piece(0, "stdout")] }))).toBe("stdout");
    expect(bestTab(tryOf({ outcome: "failed" }))).toBe("stderr");
    expect(bestTab(tryOf({ outcome: "failed", output: [piece(0, "stdout"), piece(0, "stderr")] }))).toBe("stderr");
  });
  it("is the output of one that went well, or runs", () => {
    expect(bestTab(tryOf({ outcome: "success" }))).toBe("stdout");
    expect(bestTab(tryOf())).toBe("stdout");
  });
});
