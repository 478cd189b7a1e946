// Azure's credentials, as installed, against the managed identity endpoint of the emulator.
import assert from "node:assert/strict";
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";
import { stepsOf } from "./steps.mjs";

const step = stepsOf("@azure/identity");
const scope = "https://dynamicsessions.io/.default";
const hour = 3_600_000;
let token = "";

for (const [name, credential] of [
  ["DefaultAzureCredential", new DefaultAzureCredential()],
  ["ManagedIdentityCredential", new ManagedIdentityCredential()],
]) {
  await step(`${name} gets a token that lasts for hours`, async () => {
    const answer = await credential.getToken(scope);
    assert.ok(answer.expiresOnTimestamp > Date.now() + 4 * hour, `it ends at ${answer.expiresOnTimestamp}`);
    const [, payload] = answer.token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    assert.equal(claims.aud, "https://dynamicsessions.io");
    token = answer.token;
  });
}

await step("the token opens a pool", async () => {
  const url = `${process.env.PYTHON_POOL}/executions?api-version=2025-10-02-preview&identifier=identity-client`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ code: "1 + 1" }) });
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).result.executionResult, 2);
});
