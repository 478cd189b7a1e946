import { describe, expect, it } from "vitest";
import { addressOf } from "../../../src/http/address.js";

describe("addressOf", () => {
  it.each([
    ["/pools/demo/a//b%2Fc?x=1", "localhost:4380", { pool: "demo", path: "/a//b%2Fc?x=1" }],
    ["/pools/demo", "localhost", { pool: "demo", path: "/" }],
    ["/pools/demo?identifier=a", "localhost", { pool: "demo", path: "/?identifier=a" }],
    ["//pools//demo//files", "localhost", { pool: "demo", path: "//files" }],
    ["/a?identifier=x", "demo.localhost:4380", { pool: "demo", path: "/a?identifier=x" }],
    ["/_emulator/health", "demo.localhost", { pool: "demo", path: "/_emulator/health" }],
    [
      "/subscriptions/s/resourceGroups/g/sessionPools/demo/executions?a=b",
      "127.0.0.1",
      { pool: "demo", path: "/executions?a=b" },
    ],
    ["/SUBSCRIPTIONS/s/resourcegroups/g/SessionPools/Demo/x", undefined, { pool: "demo", path: "/x" }],
    ["/_emulator/health", "localhost:4380", { pool: undefined, path: "/_emulator/health" }],
    ["/pools", "localhost", { pool: undefined, path: "/pools" }],
  ])("%s at %s", (url, host, expected) => {
    expect(addressOf(url, host)).toMatchObject(expected);
  });

  it("keeps what stands before the pool's path, for links that lead back", () => {
    expect(addressOf("/pools/demo/executions", "localhost").prefix).toBe("/pools/demo");
    expect(addressOf("/executions", "demo.localhost").prefix).toBe("");
  });
});
