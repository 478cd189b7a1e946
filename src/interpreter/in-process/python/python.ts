import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { type PythonMemory, removeBuiltIns, removeConstructors, type ShutTypes } from "./built-in.js";
import { fileNameOf, installer, sources } from "./sources.js";

/** Emscripten's file system, as far as it is used here. */
interface FileSystem {
  filesystems: { NODEFS: unknown };
  mkdirTree(path: string): void;
  mount(type: unknown, options: { root: string }, path: string): void;
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: Record<string, unknown>): void;
  mkdev(path: string, device: number): void;
  lookupNode(parent: FileNode, name: string): FileNode;
  hashRemoveNode(node: FileNode): void;
}

interface FileNode {
  mode: number;
  node_ops: { getattr(node: FileNode): { mode: number } };
  mount: { type: unknown };
}

/** The parts of the `pyodide` package that are used here. */
export interface Python {
  FS: FileSystem;
  runPython(code: string): unknown;
  setStdout(to: { write: (bytes: Uint8Array) => number; isatty: boolean }): void;
  setStderr(to: { write: (bytes: Uint8Array) => number; isatty: boolean }): void;
  setInterruptBuffer(buffer: Uint8Array): void;
  makeMemorySnapshot(): Uint8Array;
  _module: PythonMemory;
  _api: { config: { _loadSnapshot?: Uint8Array | undefined } };
}

/** Loads Python with the kernel's own modules in it, from a snapshot if there is one. */
export async function loadPython(
  folder: string,
  { snapshot, forSnapshot = false }: { snapshot?: Uint8Array<ArrayBuffer>; forSnapshot?: boolean } = {},
): Promise<Python> {
  const { loadPyodide } = (await import(pathToFileURL(join(folder, "pyodide.mjs")).href)) as {
    loadPyodide(options: Record<string, unknown>): Promise<Python>;
  };
  const python = await loadPyodide({
    indexURL: folder,
    jsglobals: {},
    stdin: () => null,
    stdout: () => {},
    stderr: () => {},
    env: { HOME: HOME },
    lockFileContents: withoutPackages(folder),
    packageBaseUrl: "/",
    ...(forSnapshot && { _makeSnapshot: true }),
    ...(snapshot !== undefined && { _loadSnapshot: snapshot }),
  });
  if (snapshot === undefined) {
    python.runPython(installer());
    removeBuiltIns(python._module);
  } else {
    release(python, snapshot);
  }
  return python;
}

/** Gives the snapshot's memory back at once; a collection might be long in coming. */
function release(python: Python, snapshot: Uint8Array<ArrayBuffer>): void {
  python._api.config._loadSnapshot = undefined;
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(undefined, [snapshot.buffer]);
  port1.close();
  port2.close();
}

/** The distribution's list of packages, emptied: none of them can be fetched here. */
function withoutPackages(folder: string): Record<string, unknown> {
  const list = JSON.parse(readFileSync(join(folder, "pyodide-lock.json"), "utf8")) as Record<string, unknown>;
  return { ...list, packages: {} };
}

/** Home directory inside. */
export const HOME = "/home/ubuntu";
/** Data directory inside, as in the images. */
export const DATA = "/mnt/data";
const WHEELS = "/mnt/wheels";
const DEVICE = "/dev/session-kernel";

/** What Python is connected to. */
export interface Surroundings {
  dataFolder: string;
  homeFolder: string;
  wheelsFolder?: string;
  write(name: "stdout" | "stderr", bytes: Uint8Array): void;
  /** One command of the kernel's own device; must not throw. */
  command(bytes: Uint8Array): void;
  interrupt: Uint8Array;
}

/** The kernel inside: takes the content of a request, answers that of the reply. Both JSON. */
export type Handle = (request: string) => string;

/** Turns a loaded Python into the session's: folders, streams, no way out. */
export function beginSession(python: Python, surroundings: Surroundings): Handle {
  const { FS } = python;
  mount(FS, surroundings.dataFolder, DATA);
  mount(FS, surroundings.homeFolder, HOME);
  if (surroundings.wheelsFolder !== undefined) mount(FS, surroundings.wheelsFolder, WHEELS);
  seeChangesFromOutside(FS);
  const writer = (name: "stdout" | "stderr") => ({
    write: (bytes: Uint8Array) => {
      surroundings.write(name, bytes);
      return bytes.length;
    },
    isatty: false,
  });
  python.setStdout(writer("stdout"));
  python.setStderr(writer("stderr"));
  const device = FS.makedev(64, 0);
  FS.registerDevice(device, {
    open: () => {},
    close: () => {},
    write: (_stream: unknown, buffer: Uint8Array, offset: number, length: number) => {
      surroundings.command(buffer.subarray(offset, offset + length));
      return length;
    },
  });
  FS.mkdev(DEVICE, device);
  const order = {
    device: DEVICE,
    home: HOME,
    ...(surroundings.wheelsFolder !== undefined && { wheels: WHEELS }),
  };
  const ownFiles = Object.keys(sources).map(fileNameOf);
  const begin = `
def begin():
    from session_kernel import setup
    setup.begin(${JSON.stringify(JSON.stringify(order))}, ${JSON.stringify(ownFiles)})
begin()
del begin
`;
  python.runPython(begin);
  const handle = python.runPython("from session_kernel import kernel; kernel.handle") as Handle;
  const close = python.runPython("from session_kernel import setup; setup.close_ways_out") as () => string;
  removeConstructors(python._module, JSON.parse(close()) as ShutTypes);
  python.setInterruptBuffer(surroundings.interrupt);
  return handle;
}

function mount(FS: FileSystem, folder: string, path: string): void {
  FS.mkdirTree(path);
  FS.mount(FS.filesystems.NODEFS, { root: folder }, path);
}

/**
 * Emscripten remembers every file that it has seen. The interpreter's file API changes the same folder, so that what
 * it remembers of a mounted folder has to be compared with what is there.
 */
function seeChangesFromOutside(FS: FileSystem): void {
  const remembered = FS.lookupNode.bind(FS);
  FS.lookupNode = (parent, name) => {
    const node = remembered(parent, name);
    if (node.mount?.type !== FS.filesystems.NODEFS || ("mounted" in node && node.mounted)) return node;
    try {
      if (node.node_ops.getattr(node).mode >> 12 === node.mode >> 12) return node;
    } catch {
      // Gone: looking it up anew says so.
    }
    FS.hashRemoveNode(node);
    return remembered(parent, name);
  };
}
