import { describe, expect, it } from "vitest";
import { LaneOrder, OTHERS } from "@/draw/gantt/order";
import { barsOf, lanesOf, runs } from "./made";

const namesOf = (order: LaneOrder, gantt: Parameters<LaneOrder["of"]>[0]) => order.of(gantt).map((n) => gantt.lanes[n]);

describe("the order of lanes", () => {
  it("is that in which transformations began", () => {
    const lanes = lanesOf(
      ["late", "early"],
      [
        [0, 5, 1, 0],
        [1, 2, 1, 0],
      ],
    );
    expect(namesOf(new LaneOrder(), lanes)).toEqual(["early", "late"]);
  });

  it("stays when one looks closer; what is new comes last", () => {
    const order = new LaneOrder();
    order.of(barsOf([runs(0, 10, 20), runs(1, 5, 9)], ["a", "b"]));
    expect(namesOf(order, barsOf([runs(1, 100, 110), runs(2, 120, 130), runs(0, 50, 60)], ["new", "a", "b"]))).toEqual([
      "b",
      "a",
      "new",
    ]);
  });

  it("counts hosts as people do, and puts all others last", () => {
    const lanes = { ...lanesOf([OTHERS, "node10", "node9"], []), by: "host" };
    expect(namesOf(new LaneOrder(), lanes)).toEqual(["node9", "node10", OTHERS]);
  });

  it("is the service's along the critical path", () => {
    const bars = { ...barsOf([runs(0, 10, 20), runs(1, 5, 9)], ["first", "second"]), by: "path" };
    expect(namesOf(new LaneOrder(), bars)).toEqual(["first", "second"]);
  });
});
