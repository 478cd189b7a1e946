import { loadPython } from "./python.js";
import { readSnapshot, snapshotFile, writeSnapshot } from "./snapshot-file.js";

/**
 * A program of its own: starts Python once and writes down what its memory looks like then, from which sessions start
 * in a fraction of the time. `DSE_SNAPSHOT` holds JSON `{pyodideFolder, snapshotFolder}`. Does nothing when a snapshot
 * that fits is there. Prints the file's path.
 */
async function main(): Promise<void> {
  const { pyodideFolder, snapshotFolder } = JSON.parse(process.env.DSE_SNAPSHOT ?? "{}") as Record<
    string,
    unknown
  >;
  if (typeof pyodideFolder !== "string" || typeof snapshotFolder !== "string") {
    throw new Error("DSE_SNAPSHOT must be JSON with 'pyodideFolder' and 'snapshotFolder'.");
  }
  const file = snapshotFile(snapshotFolder, pyodideFolder);
  if (readSnapshot(file) === undefined) {
    const python = await loadPython(pyodideFolder, { forSnapshot: true });
    writeSnapshot(snapshotFolder, file, python.makeMemorySnapshot());
  }
  process.stdout.write(`${file}\n`);
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The snapshot cannot be made: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
});
