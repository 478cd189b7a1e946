import { describe, expect, it } from "vitest";
import { suggest } from "../../../src/config/suggest.js";

const keys = ["name", "image", "targetPort", "cpu", "memory"];

describe("a suggestion", () => {
  it.each([
    ["nmae", "name"],
    ["targetport", "targetPort"],
    ["TargetPorts", "targetPort"],
    ["memori", "memory"],
    ["cpus", "cpu"],
  ])("for %s is %s", (typed, meant) => {
    expect(suggest(typed, keys)).toBe(meant);
  });

  it.each(["gpu-count", "xyz", "", "disk"])("is not made for %j", (typed) => {
    expect(suggest(typed, keys)).toBeUndefined();
  });
});
