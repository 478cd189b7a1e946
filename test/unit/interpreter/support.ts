import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import request from "supertest";
import { parseConfig } from "../../../src/interpreter/config/parse.js";
import { readSettings, type Settings } from "../../../src/interpreter/config/settings.js";
import { startInterpreter } from "../../../src/interpreter/interpreter.js";
import { silentLog } from "../../../src/interpreter/log.js";

/** A real interpreter on a data directory of its own. */
export interface TestInterpreter {
  root: string;
  url: string;
  api: ReturnType<typeof request>;
  close(): Promise<void>;
}

/** Starts one without a kernel: in shell mode, or in Jupyter mode with a server that never comes. */
export async function interpreter(options: {
  mode: "shell" | "jupyter";
  /** YAML members of `spec.fileOperation`. */
  fileOperation?: string;
  settings?: Partial<Settings>;
}): Promise<TestInterpreter> {
  const base = await mkdtemp(join(tmpdir(), "interpreter-"));
  const root = join(base, "data");
  const yaml = `kind: CodeInterpreterConfig
apiVersion: v1
metadata: { name: code-interpreter }
spec:
  kernel: { enabled: ${options.mode === "jupyter"} }
  fileOperation: { dataDirectoryPath: "${root}", ${options.fileOperation ?? ""} }
`;
  const { file } = parseConfig(yaml, "conf.yaml");
  const settings: Settings = {
    ...readSettings({}),
    file,
    kernelName: options.mode === "jupyter" ? "python3" : undefined,
    jupyter: { socketPath: join(base, "no.sock"), token: "" },
    ...options.settings,
  };
  const running = await startInterpreter({ settings, log: silentLog, host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${running.port}`;
  return {
    root,
    url,
    api: request(url),
    close: async () => {
      await running.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}
