import { expect, it } from "vitest";
import { AdjustableClock } from "../../../src/pool/clock.js";

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

it("fires a far timer as soon as time is moved past it, in the order of the due times", async () => {
  const clock = new AdjustableClock();
  const fired: string[] = [];
  clock.after(600_000, () => fired.push("later"));
  clock.after(300_000, () => fired.push("sooner"));
  clock.advance(299_000);
  await soon();
  expect(fired).toEqual([]);
  clock.advance(301_000);
  await soon();
  expect(fired).toEqual(["sooner", "later"]);
});

it("never fires a timer that was cancelled", async () => {
  const clock = new AdjustableClock();
  const fired: string[] = [];
  clock.after(1_000, () => fired.push("cancelled")).cancel();
  clock.after(1_000, () => fired.push("kept"));
  clock.advance(1_000);
  await soon();
  expect(fired).toEqual(["kept"]);
});

it("keeps timers that are further away than Node's longest timeout", async () => {
  const clock = new AdjustableClock();
  const fired: string[] = [];
  const timer = clock.after(2 ** 33, () => fired.push("month"));
  await soon();
  expect(fired).toEqual([]);
  clock.advance(2 ** 33);
  await soon();
  expect(fired).toEqual(["month"]);
  timer.cancel();
});

it("moves now()", () => {
  const clock = new AdjustableClock();
  const before = clock.now();
  clock.advance(5_000);
  expect(clock.now() - before).toBeGreaterThanOrEqual(5_000);
});
