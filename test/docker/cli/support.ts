import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { newFolder, onePool } from "../support/process.js";

/** The command as it is installed; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

/** A process of the command line. */
export interface Started {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  exited: Promise<number | null>;
}

/** Starts `exec` over one pool of the web fixture. */
export async function startExec(pool: string, words: string[], options: string[] = []): Promise<Started> {
  const folder = await newFolder();
  await writeFile(path.join(folder, "pools.yaml"), onePool(pool));
  const started = spawn(process.execPath, [PROGRAM, "exec", ...options, "--", ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    started[name].on("data", (chunk) => {
      texts[name] += chunk;
    });
  }
  return {
    process: started,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    exited: once(started, "close").then(([code]) => code as number | null),
  };
}
