import { Buffer } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import { type Message, request } from "../../jupyter/messages.js";
import type { FromKernel, KernelWorkerData, ToKernel } from "../worker-protocol.js";
import { capMemory, confineLoading, confineRunning } from "./confine.js";
import { hostFiles } from "./host-files.js";
import { Output } from "./output.js";
import { beginSession, type Handle, loadPython } from "./python.js";
import { readSnapshot, snapshotFile } from "./snapshot-file.js";

/** The thread of a Python kernel. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This program is a thread of the interpreter.");
  const end = process.exit.bind(process);
  const data = workerData as KernelWorkerData;
  const interrupt = new Int32Array(data.interrupt);
  const { pyodideFolder, snapshotFolder, wheelsFolder, dataFolder, homeFolder } = data;
  const post = (said: FromKernel) => port.postMessage(said);
  if (pyodideFolder === undefined) return post({ hopeless: "'pyodideFolder' is missing" });

  let parent: Message["header"] | Record<string, never> = {};
  const tell = (channel: "iopub" | "shell", type: string, content: Record<string, unknown>) => {
    post({ message: { ...request(channel, type, "", content), parent_header: parent } });
  };
  const output = new Output((name, text) => tell("iopub", "stream", { name, text }));
  const command = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString("utf8");
    if (text.startsWith("S")) {
      output.flush();
      const ms = Number(text.slice(1)) * 1000;
      if (ms > 0) Atomics.wait(interrupt, 0, 0, ms);
      return;
    }
    const said = messageIn(text);
    if (said === undefined) return;
    output.flush();
    tell("iopub", said.type, said.content);
  };

  let handle: Handle;
  try {
    const readable = wheelsFolder === undefined ? [] : [wheelsFolder];
    const file = snapshotFolder && snapshotFile(snapshotFolder, pyodideFolder);
    const snapshot = file ? readSnapshot(file) : undefined;
    capMemory(data.memoryBytes);
    confineLoading(hostFiles({ own: [dataFolder, homeFolder], readable }));
    const python = await loadPython(pyodideFolder, snapshot && { snapshot });
    handle = beginSession(python, {
      dataFolder,
      homeFolder,
      ...(wheelsFolder !== undefined && { wheelsFolder }),
      write: (name, bytes) => output.write(name, bytes),
      command,
      interrupt: new Uint8Array(data.interrupt, 0, 1),
    });
    confineRunning();
  } catch (error) {
    return post({
      hopeless: `Python does not start: ${error instanceof Error ? error.message : String(error)}`,
    });
  }

  port.on("message", ({ request: asked }: ToKernel) => {
    parent = asked.header;
    // An interrupt that came after the end of the run it was meant for must not hit this one.
    Atomics.store(interrupt, 0, 0);
    tell("iopub", "status", { execution_state: "busy" });
    if (asked.header.msg_type === "execute_request") {
      output.begin();
      tell(
        "shell",
        "execute_reply",
        executed(handle, asked.content, () => output.flush(), end),
      );
    } else {
      tell("shell", asked.header.msg_type.replace(/_request$/, "_reply"), INFO);
    }
    tell("iopub", "status", { execution_state: "idle" });
  });
}

const INFO = { status: "ok", implementation: "ipython", supported_features: [] };
/** What the code may have told about itself. */
const TOLD = new Set(["execute_result", "display_data", "error", "clear_output"]);

function executed(
  handle: Handle,
  content: Record<string, unknown>,
  flush: () => void,
  end: (code: number) => never,
): Record<string, unknown> {
  try {
    return JSON.parse(handle(JSON.stringify(content))) as Record<string, unknown>;
  } catch {
    // Python itself has broken down; the thread's end makes the interpreter start another one.
    flush();
    return end(1);
  } finally {
    flush();
  }
}

function messageIn(text: string): { type: string; content: Record<string, unknown> } | undefined {
  try {
    const said = JSON.parse(text.slice(1)) as { type: string; content: Record<string, unknown> };
    return TOLD.has(said.type) && typeof said.content === "object" ? said : undefined;
  } catch {
    return undefined;
  }
}

void main();
