import { expect, it } from "vitest";
import { run } from "../../../src/cli/run.js";
import { RecordingContext } from "../../unit/cli/recording-context.js";
import { eventually } from "../support/emulator.js";
import { WEB_IMAGE } from "../support/images.js";
import { containersOf } from "../support/process.js";

it("the doctor stops when it is told to, and removes what it has started", async () => {
  const context = new RecordingContext();
  const ended = run(["doctor", WEB_IMAGE, "--target-port", "9", "--startup-timeout-seconds", "100"], context);
  await eventually("it has started the image", async () => (await containersOf("custom")) > 1);
  context.signal("SIGINT");
  expect(await ended).toBe(1);
  expect(context.errors.at(-1)).toBe("error: the doctor was stopped (SIGINT)");
  expect(context).toMatchObject({ printed: [], listeners: 0 });
  expect(await containersOf("custom")).toBe(0);
});
