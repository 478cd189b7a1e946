import { describe, expect, it } from "vitest";
import { isTrustedHost, isTrustedOrigin } from "../../../src/http/host-guard.js";

describe("a host name", () => {
  it.each([
    "localhost:4380",
    "my-pool.localhost",
    "127.0.0.1:4380",
    "[::1]:4380",
    "192.168.1.7",
    "emulator:4380",
    "LOCAL.dynamicsessions.io",
  ])("%s cannot be a stranger's", (host) => expect(isTrustedHost(host)).toBe(true));

  it.each([
    "evil.example",
    "localhost.evil.example:4380",
    "127.0.0.1.evil.example",
    "dynamicsessions.io.evil",
  ])("%s can be a stranger's", (host) => expect(isTrustedHost(host)).toBe(false));

  it("is trusted when the emulator was told to listen on it", () => {
    expect(isTrustedHost("build.example:80", ["build.example"])).toBe(true);
  });
});

describe("an origin", () => {
  it("may be absent or local", () => {
    expect(isTrustedOrigin(undefined)).toBe(true);
    expect(isTrustedOrigin("http://localhost:3000")).toBe(true);
  });

  it.each(["https://evil.example", "null", ""])("%j is refused", (origin) => {
    expect(isTrustedOrigin(origin)).toBe(false);
  });
});
