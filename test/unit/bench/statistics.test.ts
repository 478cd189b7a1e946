import { describe, expect, it } from "vitest";
import { overFloorAtMost, p50AtMost, p95AtMost, ratioAtMost } from "../../bench/support/goals.js";
import { interleave } from "../../bench/support/sampling.js";
import { spreadOf } from "../../bench/support/statistics.js";

describe("the spread of samples", () => {
  it("takes samples that were measured, whatever their order", () => {
    const samples = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
    expect(spreadOf(samples)).toEqual({ count: 100, p50: 50, p95: 95, max: 100 });
  });

  it("is the sample itself when there is one, and an error when there is none", () => {
    expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p95: 7, max: 7 });
    expect(() => spreadOf([])).toThrow("no samples");
  });
});

describe("goals", () => {
  const result = { measured: spreadOf([13, 13, 40]), floor: spreadOf([10]) };

  it.each([
    [ratioAtMost(1.3), true],
    [ratioAtMost(1.2), false],
    [overFloorAtMost(3, "ms"), true],
    [overFloorAtMost(2.9, "ms"), false],
    [p50AtMost(13, "ms"), true],
    [p50AtMost(12, "ms"), false],
    [p95AtMost(40, "ms"), true],
    [p95AtMost(39, "ms"), false],
  ])("$text", (goal, met) => {
    expect(goal.isMet(result)).toBe(met);
  });

  it("are not met by a comparison that has no floor", () => {
    const alone = { measured: spreadOf([1]), floor: undefined };
    expect(ratioAtMost(100).isMet(alone)).toBe(false);
    expect(overFloorAtMost(100, "ms").isMet(alone)).toBe(false);
  });
});

describe("interleaving", () => {
  it("takes turns with who begins, puts things back before each sample, and forgets the warm-up", async () => {
    const calls: string[] = [];
    let count = 0;
    const sample = (name: string) => async () => {
      calls.push(name);
      count += 1;
      return count;
    };
    const results = await interleave({
      rounds: 2,
      warmUp: 1,
      floor: sample("floor"),
      measured: sample("measured"),
      between: async () => calls.push("back"),
    });
    const turns = ["measured", "floor", "floor", "measured", "measured", "floor"];
    expect(calls).toEqual(turns.flatMap((turn) => ["back", turn]));
    expect(results).toEqual({ floorSamples: [3, 6], measuredSamples: [4, 5] });
  });
});
