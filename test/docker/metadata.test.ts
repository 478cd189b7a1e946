import { describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier, sessionsOf } from "./support/emulator.js";

const emulator = emulatorForTests({
  pools: [
    { name: "python", containerType: "PythonLTS", maxConcurrentSessions: 1 },
    { name: "node", containerType: "NodeLTS" },
    { name: "shell", containerType: "Shell" },
  ],
});

interface Metadata {
  runtimes: { name: string; version: string }[];
  preInstalledPackages: { name: string; version: string }[];
  createdAt: string;
  lastUpdatedAt: string;
  jupyterKernel?: { name: string; version: string; projectUrl: string; description: string };
}

const VERSION = "api-version=2025-10-02-preview";

async function metadataOf(pool: string): Promise<Metadata> {
  const answer = await fetch(`${emulator.url}/pools/${pool}/metadata?${VERSION}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Metadata;
}

async function stdoutOf(pool: string, body: Record<string, string>): Promise<string> {
  const url = `${emulator.url}/pools/${pool}/executions?${VERSION}&identifier=${newIdentifier()}`;
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const { result } = (await answer.json()) as { result: { stdout: string } };
  return result.stdout.trim();
}

function versionOf(named: { name: string; version: string }[], name: string): string | undefined {
  return named.find((entry) => entry.name === name)?.version;
}

describe("PythonLTS", () => {
  it("tells what a session of the pool has, without taking the only place of the pool", async () => {
    const [metadata, again] = await Promise.all([metadataOf("python"), metadataOf("python")]);
    expect(again).toEqual(metadata);
    expect(await sessionsOf(emulator, "python")).toEqual([]);

    const code =
      "import platform, numpy, ipykernel; print(platform.python_version(), numpy.__version__, ipykernel.__version__)";
    const [python, numpy, ipykernel] = (await stdoutOf("python", { code })).split(" ");
    expect(metadata.runtimes).toEqual([{ name: "Python", version: python }]);
    expect(versionOf(metadata.preInstalledPackages, "numpy")).toBe(numpy);
    expect(metadata.preInstalledPackages.length).toBeGreaterThan(50);
    expect(metadata.jupyterKernel).toMatchObject({ name: "ipykernel", version: ipykernel });
    expect(metadata.jupyterKernel?.projectUrl).toMatch(/^https:\/\//);
    expect(metadata.jupyterKernel?.description).not.toBe("");
    expect(metadata.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/);
  });
});

describe("NodeLTS", () => {
  it("names the runtime that runs the code and its kernel", async () => {
    const { runtimes, jupyterKernel } = await metadataOf("node");
    const deno = await stdoutOf("node", { code: "console.log(Deno.version.deno)" });
    expect(versionOf(runtimes, "Deno")).toBe(deno);
    expect(jupyterKernel).toMatchObject({ name: "Deno", version: deno });
  });
});

describe("Shell", () => {
  it("names the distribution and every package, its times without a zone, no kernel", async () => {
    const metadata = await metadataOf("shell");
    const shellCommand =
      '. /etc/os-release; echo "$NAME/$VERSION"; dpkg-query -W bash | cut -f 2; dpkg-query -W | wc -l';
    const [release, bash, count] = (await stdoutOf("shell", { shellCommand })).split("\n");
    expect(metadata.runtimes.map(({ name, version }) => `${name}/${version}`)).toEqual([release]);
    expect(versionOf(metadata.preInstalledPackages, "bash")).toBe(bash);
    expect(metadata.preInstalledPackages).toHaveLength(Number(count));
    expect(metadata.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?$/);
    expect(metadata).not.toHaveProperty("jupyterKernel");
  });
});
