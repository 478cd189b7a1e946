import { expect, it } from "vitest";
import { emulatorForTests, webPool } from "./support/emulator.js";

const emulator = emulatorForTests({ auth: "strict", pools: [webPool("web")] });

function visit(authorization?: string): Promise<Response> {
  const url = `${emulator.url}/pools/web/visits?identifier=user-1`;
  return fetch(url, authorization ? { headers: { Authorization: authorization } } : {});
}

async function token(resource: string): Promise<string> {
  const answer = await fetch(`${emulator.url}/_emulator/token?resource=${resource}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

it("strict mode answers 401, empty and with a hint, unless the token is the emulator's and for the data plane", async () => {
  for (const authorization of [undefined, "Bearer abc", `Bearer ${await token("https://graph.example")}`]) {
    const refused = await visit(authorization);
    expect(refused.status).toBe(401);
    expect(await refused.text()).toBe("");
    expect(refused.headers.get("x-emulator-hint")).toContain("https://dynamicsessions.io");
  }
  const good = await visit(`Bearer ${await token("https://dynamicsessions.io")}`);
  expect([good.status, await good.text()]).toEqual([200, "1"]);
});
