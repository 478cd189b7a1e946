import express from "express";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { tokenRouter } from "../../../src/http/token.js";
import { TokenAuthority } from "../../../src/http/token-authority.js";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const authority = new TokenAuthority(new Uint8Array(32).fill(1), () => NOW);
const app = express().use(tokenRouter(authority, () => NOW));

function claimsOf(token: string): Record<string, unknown> {
  const [header, payload, signature, ...more] = token.split(".");
  expect([header, payload, signature].every(Boolean)).toBe(true);
  expect(more).toEqual([]);
  return JSON.parse(Buffer.from(payload ?? "", "base64url").toString("utf8"));
}

describe("a token", () => {
  it("is what App Service's managed identity endpoint gives", async () => {
    const { status, body } = await request(app)
      .get("/msi/token?api-version=2019-08-01&resource=https://dynamicsessions.io&client_id=any")
      .set("X-IDENTITY-HEADER", "x");
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_on", "resource", "token_type"]);
    expect(body).toMatchObject({ resource: "https://dynamicsessions.io", token_type: "Bearer" });
    expect(body.expires_on).toMatch(/^\d+$/);
    const claims = claimsOf(body.access_token);
    expect(claims).toMatchObject({
      aud: "https://dynamicsessions.io",
      exp: Number(body.expires_on),
      iat: NOW / 1000,
    });
    expect(Number(body.expires_on) - NOW / 1000).toBeGreaterThanOrEqual(4 * 3600);
    expect(claims.roles).toContain("Azure ContainerApps Session Executor");
    await expect(authority.check(`Bearer ${body.access_token}`)).resolves.toBeUndefined();
  });

  it.each([
    ["/token", "https://dynamicsessions.io"],
    ["/token?resource=https%3A%2F%2Facasessions.io", "https://acasessions.io"],
    ["/token?scope=https://dynamicsessions.io/.default", "https://dynamicsessions.io"],
  ])("GET %s is for %s", async (url, audience) => {
    const { body } = await request(app).get(url);
    expect(body.resource).toBe(audience);
    expect(claimsOf(body.access_token).aud).toBe(audience);
  });

  it("for nobody is refused with what to do", async () => {
    const { status, body } = await request(app).get("/msi/token?resource=");
    expect(status).toBe(400);
    expect(body.error.message).toContain("resource");
  });
});
