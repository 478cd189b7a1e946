import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { emulatorForTests, newIdentifier, sessionsOf } from "./support/emulator.js";

const emulator = emulatorForTests({
  pools: [{ name: "shell", containerType: "Shell", readySessionInstances: 0 }],
});
const { docker } = await findEngine();

/** The data plane's URL for an operation of one identifier. */
function urlOf(path: string, identifier: string): string {
  return `${emulator.url}/pools/shell${path}?api-version=2025-10-02-preview&identifier=${identifier}`;
}

function upload(identifier: string): Promise<Response> {
  const body = new FormData();
  body.set("file", new File(["one"], "one.txt"));
  return fetch(urlOf("/files", identifier), { method: "POST", body });
}

/** Begins a call to a session that cannot answer any more, and deletes the session under it. */
async function deletedUnder(call: (identifier: string) => Promise<Response>): Promise<Response> {
  const identifier = newIdentifier();
  expect((await upload(identifier)).status).toBe(200);
  const session = (await sessionsOf(emulator, "shell")).find((one) => one.identifier === identifier);
  await docker.getContainer(String(session?.container)).pause();
  const answer = call(identifier);
  await sleep(500);
  const deleted = await fetch(urlOf("/session", identifier), { method: "DELETE" });
  expect(deleted.status).toBe(204);
  return answer;
}

it("a list is answered by the identifier's next session", async () => {
  const answer = await deletedUnder((identifier) => fetch(urlOf("/files", identifier)));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ value: [] });
});

it("a download finds nothing in the identifier's next session", async () => {
  const answer = await deletedUnder((identifier) => fetch(urlOf("/files/one.txt/content", identifier)));
  expect(answer.status).toBe(404);
});

it("a deletion is not repeated in a session that it was not meant for", async () => {
  const answer = await deletedUnder((identifier) =>
    fetch(urlOf("/files/one.txt", identifier), { method: "DELETE" }),
  );
  expect(answer.status).toBe(502);
  expect(await answer.text()).toContain("session");
});
