import { describe, expect, it } from "vitest";
import type { EngineFacts, MachineFacts } from "../../../src/doctor/machine/facts.js";
import { judgeMachine } from "../../../src/doctor/machine/judge.js";

const engine: EngineFacts = {
  address: "/var/run/docker.sock",
  version: "28.0",
  platform: "linux/amd64",
  system: "Debian",
  images: [{ name: "base", reference: "dynamic-sessions/base:latest", state: "present" }],
  missingLimits: [],
};
const good: MachineFacts = {
  node: "20.11.1",
  engine,
  choice: { runtime: "docker", reason: "Docker 28.0 at /var/run/docker.sock" },
  limitsNotInForce: [],
  disk: { path: "/var/lib/docker", freeBytes: 50e9 },
  port: { host: "127.0.0.1", port: 4380, holder: "nobody" },
};

function of(check: string, facts: Partial<MachineFacts>) {
  return judgeMachine({ ...good, ...facts }).filter((finding) => finding.check === check);
}

describe("judgeMachine", () => {
  it("finds nothing wrong with a good machine", () => {
    expect(judgeMachine(good).filter(({ level }) => level !== "ok")).toEqual([]);
  });

  it("has a fix beside everything that is not ok", () => {
    const bad = judgeMachine({
      node: "18.19.0",
      engine: { problem: "no Docker engine answers (no socket found). Start Docker, or run: npm run engine" },
      choice: { problem: "no runtime" },
      limitsNotInForce: ["ephemeralStorage: no"],
      disk: { path: "/", freeBytes: 5e8 },
      port: { host: "127.0.0.1", port: 4380, holder: "somebody" },
    });
    expect(bad.filter(({ fix }) => !fix)).toEqual([]);
    expect(bad.filter(({ level }) => level === "fail").map(({ check }) => check)).toEqual([
      "node",
      "engine",
      "runtime",
      "disk",
      "port",
    ]);
  });

  it("takes a missing engine for a warning where another runtime can be had", () => {
    const choice = { runtime: "embedded", reason: "no Docker engine answers" };
    const problem = "no Docker engine answers (no socket found). Start Docker, or run: npm run engine";
    expect(of("engine", { engine: { problem }, choice })).toEqual([
      expect.objectContaining({ level: "warn", message: "no Docker engine answers (no socket found)" }),
    ]);
  });

  it("names images that are absent or out of date", () => {
    const images = [
      { name: "python", reference: "dynamic-sessions/python:latest", state: "absent" } as const,
      { name: "node", reference: "dynamic-sessions/node:latest", state: "out of date" } as const,
    ];
    expect(of("images", { engine: { ...engine, images } })).toEqual([
      expect.objectContaining({ level: "warn", message: "python (absent), node (out of date)" }),
    ]);
  });

  it("names limits that the kernel lacks", () => {
    expect(of("limits", { engine: { ...engine, missingLimits: ["memory"] } })).toEqual([
      expect.objectContaining({ level: "warn", message: expect.stringContaining("no limit for memory") }),
    ]);
  });

  it("minds little disk before there is none", () => {
    expect(of("disk", { disk: { path: "/d", freeBytes: 3e9 } })).toEqual([
      expect.objectContaining({ level: "warn", message: "3.0 GB free at /d" }),
    ]);
  });

  it("does not mind an emulator that runs", () => {
    const port = { host: "127.0.0.1", port: 4380, holder: "an emulator" } as const;
    expect(of("port", { port })).toEqual([expect.objectContaining({ level: "ok" })]);
  });
});
