import fs from "node:fs";
import { statfs } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import type { EmulatorOptions } from "../../config/options.js";
import { chooseRuntime } from "../../runtime/choose.js";
import { findEngine } from "../../runtime/docker/engine.js";
import { type ImageState, imageStates } from "../../runtime/docker/images/build-images.js";
import { buildableImages, packagedSources } from "../../runtime/docker/images/catalog.js";
import { openStateDir } from "../../state/state-dir.js";

/** What a machine has for an emulator. */
export interface MachineFacts {
  /** `20.11.1`. */
  node: string;
  /** The first engine that answers, or why none does. */
  engine: EngineFacts | { problem: string };
  /** The runtime that a start would take and why, or why it would take none. */
  choice: { runtime: string; reason: string } | { problem: string };
  /** Limits of a pool that the runtime cannot keep, each with the reason. */
  limitsNotInForce: string[];
  /** Where sessions and images are stored. */
  disk: { path: string; freeBytes: number } | undefined;
  /** Who has the emulator's port. */
  port: { host: string; port: number; holder: "nobody" | "an emulator" | "somebody" };
}

/** A Docker engine. */
export interface EngineFacts {
  address: string;
  version: string;
  /** `linux/amd64`. */
  platform: string;
  /** `Docker Desktop`, `Debian GNU/Linux 12 (bookworm)`. */
  system: string;
  images: ImageState[];
  /** Limits of control groups that the engine's kernel lacks: `memory`, `cpu`, `pids`. */
  missingLimits: string[];
}

/** Looks at the machine. Starts no session; of the images only the relay is built, to try the way to sessions. */
export async function machineFacts(options: EmulatorOptions): Promise<MachineFacts> {
  const { engine, folder } = await lookAtEngine(options.dockerHost);
  return {
    node: process.versions.node,
    engine,
    ...(await lookAtChoice(options)),
    disk: await lookAtDisk(folder),
    port: await lookAtPort(options.host, options.port),
  };
}

async function lookAtEngine(
  dockerHost: string | undefined,
): Promise<{ engine: MachineFacts["engine"]; folder?: string }> {
  try {
    const { docker, address, version } = await findEngine(dockerHost);
    const info = await docker.info();
    const limits: [string, boolean | undefined][] = [
      ["memory", info.MemoryLimit],
      ["cpu", info.CpuCfsQuota],
      ["pids", info.PidsLimit],
    ];
    const { Os, Arch } = await docker.version();
    return {
      engine: {
        address,
        version,
        platform: `${Os}/${Arch}`,
        system: info.OperatingSystem,
        images: await imageStates(docker, buildableImages(packagedSources())),
        missingLimits: limits.flatMap(([name, inForce]) => (inForce === false ? [name] : [])),
      },
      folder: info.DockerRootDir,
    };
  } catch (error) {
    return { engine: { problem: messageOf(error) } };
  }
}

/** Asks the very part that decides at a start, which tries the way to sessions, and lets go of what it made. */
async function lookAtChoice(
  options: EmulatorOptions,
): Promise<Pick<MachineFacts, "choice" | "limitsNotInForce">> {
  const state = await openStateDir(undefined);
  try {
    const { runtime, reason } = await chooseRuntime({ ...options, keepContainers: false, state });
    try {
      const limitsNotInForce = await runtime.limitsNotInForce().catch(() => []);
      return { choice: { runtime: runtime.kind, reason }, limitsNotInForce };
    } finally {
      await runtime.close({ keep: false });
    }
  } catch (error) {
    return { choice: { problem: messageOf(error) }, limitsNotInForce: [] };
  } finally {
    await state.release();
  }
}

/** The engine's own folder where this process can see it, else the one for temporary files. */
async function lookAtDisk(folder: string | undefined): Promise<MachineFacts["disk"]> {
  const path = folder !== undefined && fs.existsSync(folder) ? folder : os.tmpdir();
  try {
    const { bavail, bsize } = await statfs(path);
    return { path, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

async function lookAtPort(host: string, port: number): Promise<MachineFacts["port"]> {
  const free = await new Promise<boolean>((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
  if (free) return { host, port, holder: "nobody" };
  try {
    const answer = await fetch(`http://localhost:${port}/_emulator/health`, {
      signal: AbortSignal.timeout(2_000),
    });
    const { runtime } = (await answer.json()) as { runtime?: unknown };
    return { host, port, holder: runtime === undefined ? "somebody" : "an emulator" };
  } catch {
    return { host, port, holder: "somebody" };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
