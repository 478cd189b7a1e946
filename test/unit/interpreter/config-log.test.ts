import { expect, it } from "vitest";
import { createLog } from "../../../src/interpreter/log.js";

const NAMES = ["debug", "info", "warn", "error"] as const;

it.each([
  [0, ["debug", "info", "warn", "error"]],
  [1, ["info", "warn", "error"]],
  [2, ["warn", "error"]],
  [3, ["error"]],
])("spec.logging.logLevel %i writes %j", (minimum, levels) => {
  const lines: string[] = [];
  const log = createLog({ minimum, write: (line) => lines.push(line) });
  for (const name of NAMES) log[name]("hello", { port: 6000 });
  const written = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(written.map(({ level }) => level)).toEqual(levels);
  for (const line of written) expect(line).toMatchObject({ message: "hello", port: 6000 });
});

it.each([
  [true, expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)],
  [false, expect.any(Number)],
])("spec.logging.useISO8601DateFormat %s", (isoDates, time) => {
  const lines: string[] = [];
  createLog({ minimum: 0, isoDates, write: (line) => lines.push(line) }).info("hello");
  expect(JSON.parse(lines[0] ?? "")).toEqual({ time, level: "info", message: "hello" });
});
