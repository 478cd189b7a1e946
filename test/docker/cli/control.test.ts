import { describe, expect, it } from "vitest";
import { run } from "../../../src/cli/run.js";
import { RecordingContext } from "../../unit/cli/recording-context.js";
import { emulatorForTests, newIdentifier, sessionsOf, webPool } from "../support/emulator.js";

const emulator = emulatorForTests({
  auth: "strict",
  pools: [
    webPool("my-web", { cooldownPeriodInSeconds: 600 }),
    { name: "tool", containerType: "Shell", readySessionInstances: 0 },
  ],
});

/** One command line against the running emulator. */
async function cli(...words: string[]) {
  const context = new RecordingContext();
  context.environment = { DSE_URL: emulator.url, SHELL: "/bin/bash" };
  const code = await run(words, context);
  return { code, output: context.printed.join("\n"), errors: context.errors.join("\n") };
}

async function openSession(pool = "my-web", path = "visits"): Promise<string> {
  const identifier = newIdentifier();
  const { output: token } = await cli("token");
  const response = await fetch(`${emulator.url}/pools/${pool}/${path}?identifier=${identifier}`, {
    headers: { Authorization: `Bearer ${token}` },
    ...(path === "executions" && {
      method: "POST",
      body: JSON.stringify({ shellCommand: "true" }),
    }),
  });
  expect(response.status).toBe(200);
  return identifier;
}

describe("commands against a running emulator", () => {
  it("prints the environment for a shell, and as JSON", async () => {
    const shell = await cli("env");
    expect(shell.code).toBe(0);
    expect(shell.output).toMatch(/^export DSE_POOL_MY_WEB='http:\/\/my-web\.localhost:\d+'$/m);
    expect(shell.output).toMatch(
      /^export IDENTITY_ENDPOINT='http:\/\/127\.0\.0\.1:\d+\/_emulator\/msi\/token'$/m,
    );
    const json = JSON.parse((await cli("env", "--json")).output);
    expect(json).toMatchObject({ DSE_URL: emulator.url });
    expect(json.AZURE_DYNAMIC_SESSIONS_SHELL_POOL_MANAGEMENT_ENDPOINT).toMatch(/sessionPools\/tool$/);
    const powershell = await cli("env", "--shell", "powershell");
    expect(powershell.output).toContain(`$Env:DSE_URL = '${emulator.url}'`);
  });

  it("lists pools and shows one", async () => {
    const list = await cli("pools", "list");
    expect(list.output).toMatch(/^NAME +TYPE +SESSIONS +READY +ENDPOINT$/m);
    expect(list.output).toMatch(/^my-web +CustomContainer +\d+\/20 +0 +http:\/\/my-web\.localhost:\d+$/m);
    expect((await cli("pools", "show", "my-web")).output).toMatch(/^cooldownPeriodInSeconds +600$/m);
    expect(JSON.parse((await cli("pools", "show", "tool", "--json")).output)).toMatchObject({ name: "tool" });
    expect(await cli("pools", "show", "my-wbe")).toMatchObject({
      code: 1,
      errors: `error: the emulator at ${emulator.url} has no pool 'my-wbe'; its pools: my-web, tool`,
    });
  });

  it("lists sessions and stops one, of a custom pool and of a built-in one", async () => {
    const mine = await openSession();
    const other = await openSession("tool", "executions");
    const list = await cli("sessions", "list", "--pool", "my-web");
    expect(list.output).toMatch(new RegExp(`^my-web +${mine} +allocated +\\S+Z +\\S+$`, "m"));
    expect(list.output).not.toContain(other);
    for (const [pool, identifier] of [
      ["my-web", mine],
      ["tool", other],
    ] as const) {
      expect((await cli("sessions", "stop", pool, identifier)).code).toBe(0);
      expect((await sessionsOf(emulator, pool)).map((session) => session.identifier)).not.toContain(
        identifier,
      );
      const again = await cli("sessions", "stop", pool, identifier);
      expect(again.code).toBe(1);
      expect(again.errors).toMatch(/^error: .*not found|^error: .*[Ss]ession/);
    }
    const none = JSON.parse((await cli("sessions", "list", "--pool", "my-web", "--json")).output);
    expect(none).toEqual({ value: [] });
  });

  it("moves the clock, so that a cooldown is over, and resets", async () => {
    await openSession();
    const moved = await cli("clock", "advance", "601", "--json");
    expect(Date.parse(JSON.parse(moved.output).now) - Date.now()).toBeGreaterThan(590_000);
    expect((await cli("sessions", "list")).output).toBe("no sessions");
    await openSession();
    expect(await cli("reset")).toMatchObject({ code: 0, output: "1 session ended" });
    expect((await cli("sessions", "list")).output).toBe("no sessions");
  });
});
