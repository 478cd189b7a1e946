import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

const schema = z.object({
  /** Unix socket for the REST API. */
  socketPath: z.string().min(1),
  kernel: z.enum(["python", "javascript"]),
  /** The session's own folder; the data directory and the home are made in it. */
  folder: z.string().min(1),
  /** Bytes that the user's code may take. */
  memoryBytes: z.number().positive(),
  /** Folder of the npm package `pyodide`. */
  pyodideFolder: z.string().optional(),
  /** Folder with wheels that the user's code may import. */
  wheelsFolder: z.string().optional(),
  /** Folder with a snapshot of the started Python, if there is one; nothing is written there. */
  snapshotFolder: z.string().optional(),
});

/** What the program is started with: the JSON in the environment variable `DSE_EMBEDDED`. */
export type EmbeddedOrder = z.output<typeof schema>;

/** @throws Error naming the member that is missing or wrong */
export function readOrder(text: string | undefined): EmbeddedOrder {
  if (text === undefined)
    throw new Error("DSE_EMBEDDED is not set; this program is started by the emulator.");
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`DSE_EMBEDDED is wrong: '${issue?.path.join(".")}': ${issue?.message}`);
}

/** The kernels' bundles lie beside this program's. */
export function kernelProgram(kernel: EmbeddedOrder["kernel"]): string {
  return join(dirname(fileURLToPath(import.meta.url)), `${kernel}-kernel.mjs`);
}
