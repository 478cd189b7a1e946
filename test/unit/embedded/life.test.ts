import { access, mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { startEmulator } from "../../../src/index.js";
import { embeddedForTests, eventually, newIdentifier, processesWith } from "./support.js";

const pools = [
  { name: "node", containerType: "NodeLTS" as const, readySessionInstances: 0, maxConcurrentSessions: 3 },
  { name: "warm", containerType: "NodeLTS" as const, readySessionInstances: 1 },
];
const embedded = embeddedForTests({ pools });
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

it("keeps one session's variables and files from another", async () => {
  const [one, two] = [newIdentifier(), newIdentifier()];
  await embedded.execute(
    "node",
    one,
    "const mine = 1; require('fs').writeFileSync('/mnt/data/mine.txt', 'x')",
  );
  expect(await embedded.value("node", one, "mine + 1")).toBe(2);
  expect(await embedded.value("node", two, "typeof mine")).toBe("undefined");
  expect(await embedded.value("node", two, "require('fs').readdirSync('/mnt/data')")).toBe("[]");
  await fetch(`${embedded.url}/_emulator/reset`, { method: "POST" });
});

it("hands files in and out by the API", async () => {
  const identifier = newIdentifier();
  const form = new FormData();
  form.append("file", new Blob(["a,b\n1,2\n"]), "table.csv");
  const upload = await fetch(embedded.address("node", "/files", identifier), { method: "POST", body: form });
  expect(upload.status).toBe(200);
  const code =
    "const text = require('fs').readFileSync('/mnt/data/table.csv', 'utf8'); require('fs').writeFileSync('/mnt/data/out.txt', text.trim() + '!'); text.length";
  expect(await embedded.value("node", identifier, code)).toBe(8);
  const content = await fetch(embedded.address("node", "/files/out.txt/content", identifier));
  expect(await content.text()).toBe("a,b\n1,2!");
  await fetch(`${embedded.url}/_emulator/reset`, { method: "POST" });
});

it("refuses one session too many with 429 and takes it when there is room", async () => {
  const identifiers = [newIdentifier(), newIdentifier(), newIdentifier()];
  for (const identifier of identifiers) await embedded.execute("node", identifier, "1");
  const late = newIdentifier();
  expect((await embedded.post("node", late, { code: "1" })).status).toBe(429);
  await embedded.advance(301);
  await eventually("the idle sessions end", async () => (await embedded.sessions()).length === 0);
  expect(await embedded.value("node", late, "1 + 1")).toBe(2);
});

it("forgets everything on reset", async () => {
  const identifier = newIdentifier();
  await embedded.execute("node", identifier, "const before = 1");
  expect((await fetch(`${embedded.url}/_emulator/reset`, { method: "POST" })).status).toBe(204);
  expect(await embedded.value("node", identifier, "typeof before")).toBe("undefined");
});

it("gives a paused session to a new identifier", async () => {
  const ready = async () => {
    const { value } = (await (await fetch(`${embedded.url}/_emulator/pools`)).json()) as {
      value: { ready: number }[];
    };
    return value[1]?.ready === 1;
  };
  await eventually("a session stands ready", ready);
  expect(await embedded.value("warm", newIdentifier(), "20 + 1")).toBe(21);
  const response = await fetch(`${embedded.url}/_emulator/pools`);
  const { value } = (await response.json()) as { value: { allocations: object }[] };
  expect(value[1]?.allocations).toMatchObject({ warm: 1, cold: 0, failed: 0 });
});

it("notices that a session's process has died, and starts anew", async () => {
  const identifier = newIdentifier();
  await embedded.execute("node", identifier, "const before = 1");
  const session = (await embedded.sessions()).find((one) => one.identifier === identifier);
  const pids = await processesWith(`/s/${session?.container.slice(-8)}/`);
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await eventually(
    "the session is gone",
    async () => !(await embedded.sessions()).some((one) => one.identifier === identifier),
  );
  expect(await embedded.value("node", identifier, "typeof before")).toBe("undefined");
});

it("leaves neither processes nor folders at the end, also where it should keep containers", async () => {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), "dse-end-"));
  folders.push(stateDir);
  const emulator = await startEmulator({
    port: 0,
    runtime: "embedded",
    stateDir,
    keepContainers: true,
    pools,
  });
  expect(emulator.notes.join("\n")).toMatch(/--keep-containers has no effect/);
  const url = `${emulator.url}/pools/node/executions?api-version=2025-10-02-preview&identifier=${newIdentifier()}`;
  const headers = { "content-type": "application/json" };
  expect((await fetch(url, { method: "POST", headers, body: '{"code":"1"}' })).status).toBe(200);
  expect((await processesWith(stateDir)).length).toBeGreaterThan(0);
  await emulator.close();
  expect(await readdir(path.join(stateDir, "s")).catch(() => [])).toEqual([]);
  await expect(access(path.join(stateDir, "lock"))).rejects.toThrow();
  await eventually("no process is left", async () => (await processesWith(stateDir)).length === 0);
});
