import { describe, expect, it } from "vitest";
import { eventually } from "../support/emulator.js";
import { containersOf } from "../support/process.js";
import { startExec } from "./support.js";

/** A program that a real client stands for: reads its environment, asks the pool and the token endpoint. */
const program = (pool: string) => `
const { DSE_URL, POOL_MANAGEMENT_ENDPOINT, DSE_POOL_${pool.toUpperCase()}: own, IDENTITY_ENDPOINT, IDENTITY_HEADER } = process.env;
const answer = await fetch(DSE_URL + "/pools/${pool}/visits?identifier=exec-1");
const token = await fetch(IDENTITY_ENDPOINT + "?api-version=2019-08-01&resource=https://dynamicsessions.io", {
  headers: { "X-IDENTITY-HEADER": IDENTITY_HEADER },
});
console.log(JSON.stringify({
  visits: await answer.text(),
  same: own === POOL_MANAGEMENT_ENDPOINT,
  endpoint: own,
  token: (await token.json()).token_type,
}));
process.exit(5);
`;

describe("exec", () => {
  it("gives its command an emulator, keeps off its standard output, ends with its exit code", async () => {
    const run = await startExec("execone", ["node", "--input-type=module", "-e", program("execone")]);
    expect(await run.exited).toBe(5);
    expect(JSON.parse(run.stdout())).toMatchObject({ visits: "1", same: true, token: "Bearer" });
    expect(JSON.parse(run.stdout()).endpoint).toMatch(/^http:\/\/execone\.localhost:\d+$/);
    expect(await containersOf("execone")).toBe(0);
  });

  it("writes its log to standard error when asked for one", async () => {
    const words = ["node", "--input-type=module", "-e", program("execlog")];
    const run = await startExec("execlog", words, ["--log-level", "info", "--log-format", "json"]);
    expect(await run.exited).toBe(5);
    expect(run.stdout().trim().split("\n")).toHaveLength(1);
    expect(run.stderr()).toContain('"identifier":"exec-1"');
  });

  it("hands options after the command to the command", async () => {
    const run = await startExec("execopt", ["node", "-p", "process.argv[1]", "--", "--port"]);
    expect({ code: await run.exited, stdout: run.stdout() }).toEqual({ code: 0, stdout: "--port\n" });
  });

  it("passes signals on, waits for the command, and ends with 128 and the signal's number", async () => {
    const kept = `process.on("SIGTERM", () => { console.log("told"); process.exit(9); }); console.log("up"); setInterval(() => {}, 1000);`;
    const run = await startExec("execterm", ["node", "-e", kept]);
    await eventually("the command runs", async () => run.stdout().includes("up"));
    run.process.kill("SIGTERM");
    expect(await run.exited).toBe(9);
    expect(run.stdout()).toBe("up\ntold\n");

    const other = await startExec("execkill", ["sh", "-c", "echo up; exec sleep 600"]);
    await eventually("the command runs", async () => other.stdout().includes("up"));
    other.process.kill("SIGINT");
    expect(await other.exited).toBe(130);
    expect(await containersOf("execkill")).toBe(0);
  });

  it("says so when there is no such command, with code 127", async () => {
    const run = await startExec("execnone", ["no-such-command-here"]);
    expect(await run.exited).toBe(127);
    expect(run.stdout()).toBe("");
    expect(run.stderr()).toContain("error: exec: there is no command 'no-such-command-here'.");
    expect(run.stderr()).not.toMatch(/^\s+at /m);
  });
});
