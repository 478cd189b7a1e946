import { describe, expect, it } from "vitest";
import { SESSION_EXECUTOR_ROLE, TokenAuthority } from "../../../src/http/token-authority.js";

const NOW = Date.UTC(2026, 0, 1);
const secret = new Uint8Array(32).fill(7);
const authority = new TokenAuthority(secret, () => NOW);
const claims = { aud: "https://dynamicsessions.io", roles: [SESSION_EXECUTOR_ROLE] };

async function check(token: string, at = NOW): Promise<unknown> {
  return new TokenAuthority(secret, () => at).check(`Bearer ${token}`);
}

describe("a token of the emulator's own", () => {
  it("is good until it expires", async () => {
    const token = await authority.issue(claims, 3600);
    await expect(check(token, NOW + 3_599_000)).resolves.toBeUndefined();
    await expect(check(token, NOW + 3_601_000)).rejects.toMatchObject({
      status: 401,
      hint: expect.stringContaining("expired"),
    });
  });

  it("may be for the audience of early clients", async () => {
    const token = await authority.issue({ ...claims, aud: "https://acasessions.io" }, 60);
    await expect(check(token)).resolves.toBeUndefined();
  });

  it("is refused for another audience", async () => {
    const token = await authority.issue({ ...claims, aud: "https://management.azure.com" }, 60);
    await expect(check(token)).rejects.toMatchObject({
      status: 401,
      hint: expect.stringContaining("audience"),
    });
  });

  it("is forbidden without the role", async () => {
    const token = await authority.issue({ ...claims, roles: ["Reader"] }, 60);
    await expect(check(token)).rejects.toMatchObject({ status: 403 });
  });
});

describe("anything else is refused", () => {
  it.each([undefined, "", "Bearer", "Basic abc", "Bearer x.y.z", "Bearer None"])("%j", async (header) => {
    await expect(authority.check(header)).rejects.toMatchObject({ status: 401 });
  });

  it("such as a token that somebody else signed", async () => {
    const other = new TokenAuthority(new Uint8Array(32).fill(8), () => NOW);
    const token = await other.issue(claims, 60);
    await expect(check(token)).rejects.toMatchObject({ status: 401, hint: expect.stringContaining("own") });
  });

  it("such as one without a signature", async () => {
    const [, payload] = (await authority.issue(claims, 60)).split(".");
    const header = Buffer.from('{"alg":"none"}').toString("base64url");
    await expect(check(`${header}.${payload}.`)).rejects.toMatchObject({ status: 401 });
  });
});
