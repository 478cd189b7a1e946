import { describe, expect, it } from "vitest";
import { planTests } from "../../../scripts/lib/test-plan.mjs";

describe("npm test", () => {
  it.each([
    [[], true, ["--project", "unit", "--project", "docker", "--project", "docker-alone"]],
    [
      ["-t", "cooldown"],
      true,
      ["--project", "unit", "--project", "docker", "--project", "docker-alone", "-t", "cooldown"],
    ],
    [["--faults"], true, ["--project", "faults"]],
    [["test/docker"], true, ["test/docker"]],
    [["test/unit/a", "test/docker/b"], true, ["test/unit/a", "test/docker/b"]],
    [["--unit"], false, ["--project", "unit"]],
    [["--unit", "-t", "cooldown"], false, ["--project", "unit", "-t", "cooldown"]],
    [
      ["./test/unit/config", "test/unit/cli"],
      false,
      ["--project", "unit", "./test/unit/config", "test/unit/cli"],
    ],
  ])("-- %j: engine %j, vitest run %j", (words, needsEngine, vitest) => {
    expect(planTests(words)).toEqual({ needsEngine, vitest });
  });
});
