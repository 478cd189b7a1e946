import fs from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { EmbeddedKernel } from "./kernels.js";

/** Where the program of a session lies, and what it reads. */
export interface Programs {
  /** Folder of the interpreter's bundles. */
  folder: string;
  /** The program of a session's process. */
  main: string;
  /** The program that makes a snapshot of a started Python. */
  snapshotMaker: string;
  /** Folder of the npm package `pyodide`; absent when it is not installed. */
  pyodideFolder: string | undefined;
}

/** Finds them beside this file; when this is a source, beside the one that was built from it. */
export async function findPrograms(): Promise<Programs> {
  const wanted = fileURLToPath(new URL("../../interpreter", import.meta.url));
  const built = import.meta.url.endsWith(".ts")
    ? wanted.replace(/([\\/])src([\\/](?!.*[\\/]src[\\/]))/, "$1dist$2")
    : wanted;
  // Permissions and mounts are by real path.
  const folder = await fs.realpath(built).catch(() => built);
  return {
    folder,
    main: path.join(folder, "embedded.mjs"),
    snapshotMaker: path.join(folder, "make-snapshot.mjs"),
    pyodideFolder: await pyodide(),
  };
}

/** What a kernel cannot start without and is not there, in words. */
export async function missingProgram(
  programs: Programs,
  kernel: EmbeddedKernel,
): Promise<string | undefined> {
  for (const file of [programs.main, path.join(programs.folder, `${kernel}-kernel.mjs`)]) {
    if (!(await exists(file))) return `${file} is missing: run npm run build`;
  }
  if (kernel === "python" && programs.pyodideFolder === undefined) {
    return "the npm package 'pyodide' is missing: run npm install";
  }
  return undefined;
}

async function pyodide(): Promise<string | undefined> {
  try {
    const file = createRequire(import.meta.url).resolve("pyodide/package.json");
    return await fs.realpath(path.dirname(file));
  } catch {
    return undefined;
  }
}

function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
