import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type Docker from "dockerode";
import type { ContextFile } from "./build-context.js";
import { ImageBuildError } from "./image-build-error.js";

const VERSION = "2.9.6";
const FETCH_TIMEOUT_MS = 10 * 60_000;

/**
 * The Deno program, for the image `node`: npm's registry has it prebuilt, one package for each platform.
 * Fetched on this side with the user's own npm (registry, proxy and certificates as configured), because a
 * build container may reach less. Kept in the user's cache folder.
 */
export async function denoBinary(docker: Docker): Promise<ContextFile> {
  const { Arch } = await docker.version();
  const platform = { amd64: "x64", arm64: "arm64" }[Arch];
  if (platform === undefined) {
    throw new ImageBuildError(
      `image 'node' cannot be built for the engine's '${Arch}': Deno has x64 and arm64`,
    );
  }
  const pkg = `@deno/linux-${platform}-glibc@${VERSION}`;
  return { name: "deno", fingerprint: async () => pkg, locate: () => fetchOnce(pkg) };
}

async function fetchOnce(pkg: string): Promise<string> {
  const cache = path.join(
    process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"),
    "dynamic-sessions-emulator",
    pkg.replace(/[@/]+/g, "-").replace(/^-/, ""),
  );
  const kept = path.join(cache, "deno");
  if (
    await fs.access(kept).then(
      () => true,
      () => false,
    )
  )
    return kept;
  const run = promisify(execFile);
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "dynamic-sessions-deno-"));
  try {
    const options = { cwd: folder, timeout: FETCH_TIMEOUT_MS };
    await run("npm", ["pack", "--silent", pkg], options);
    const [archive] = await fs.readdir(folder);
    await run("tar", ["-xzf", String(archive), "package/deno"], options);
    await fs.mkdir(cache, { recursive: true });
    // Renamed inside the cache folder, so that an interrupted copy is never taken for the program.
    const partial = path.join(cache, `deno.${process.pid}.partial`);
    await fs.copyFile(path.join(folder, "package/deno"), partial);
    await fs.chmod(partial, 0o755);
    await fs.rename(partial, kept);
    return kept;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new ImageBuildError(
      `image 'node' needs ${pkg} from npm's registry, which could not be fetched: check that "npm pack ${pkg}" works`,
      reason,
      { cause },
    );
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
