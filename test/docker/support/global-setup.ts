import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { build } from "esbuild";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { LABEL } from "../../../src/runtime/docker/labels.js";
import { WEB_IMAGE } from "./images.js";

const FIXTURE = fileURLToPath(new URL("../fixtures/web", import.meta.url));

/**
 * Needs an engine and the project's images: container tests fail without them, they are never skipped.
 * Afterwards nothing of any test's emulator may be left.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const { docker } = await findEngine();
  // What somebody's own emulator holds is not the tests' business.
  const before = new Set(await belongings(docker));
  const { outputFiles } = await build({
    entryPoints: [`${FIXTURE}/server.ts`],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    write: false,
  });
  const server = outputFiles[0]?.text ?? "";
  await buildFixture(docker, server);
  return async () => {
    // A reaper has half a minute, and the test of one may have been the last.
    let left: string[] = [];
    for (const end = Date.now() + 40_000; ; await sleep(1_000)) {
      left = (await belongings(docker)).filter((name) => !before.has(name));
      if (left.length === 0) return;
      if (Date.now() > end) break;
    }
    throw new Error(`the tests left something behind: ${left.join(", ")}`);
  };
}

/** Names of all containers, networks and volumes of emulators. */
async function belongings(docker: Docker): Promise<string[]> {
  const filters = { label: [LABEL.emulator] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  const others = [...networks, ...(Volumes ?? [])].map(({ Name }) => Name);
  return [...containers.flatMap(({ Names }) => Names), ...others];
}

async function buildFixture(docker: Docker, server: string): Promise<void> {
  const context = await mkdtemp(path.join(tmpdir(), "dse-fixture-"));
  try {
    await copyFile(path.join(FIXTURE, "Dockerfile"), path.join(context, "Dockerfile"));
    await writeFile(path.join(context, "server.cjs"), server);
    const stream = await docker.buildImage({ context, src: ["Dockerfile", "server.cjs"] }, { t: WEB_IMAGE });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error, output) => {
        const failed = output?.find((line: { error?: string }) => line.error);
        if (error || failed) reject(error ?? new Error(failed.error));
        else resolve();
      });
    });
  } finally {
    await rm(context, { recursive: true });
  }
}
