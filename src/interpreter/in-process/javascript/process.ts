import type { Output } from "./output.js";
import { DATA, HOME } from "./places.js";

/** `process` as the user's code has it: enough for programs that ask where they run, and nothing to act upon. */
export function sessionProcess(output: Output, exit: (code: number) => void): object {
  const { arch, platform, version } = process;
  const { node, v8 } = process.versions;
  const started = performance.now();
  const { nextTick, hrtime } = process;
  const stream = (name: "stdout" | "stderr") =>
    Object.assign(output.stream(name), { isTTY: false, fd: name === "stdout" ? 1 : 2 });
  const self: Record<string, unknown> = {
    ...{ arch, platform, version, versions: { node, v8 }, release: { name: "node" } },
    ...{ title: "node", pid: 1, ppid: 0, argv: ["node"], argv0: "node", execArgv: [], execPath: "node" },
    env: { HOME },
    exitCode: undefined,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    cwd: () => DATA,
    exit: (code?: number) => exit(Number(code ?? self.exitCode ?? 0)),
    hrtime,
    nextTick: nextTick.bind(process),
    uptime: () => (performance.now() - started) / 1000,
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    cpuUsage: () => ({ user: 0, system: 0 }),
    emitWarning: (warning: unknown) => output.write("stderr", `${warning}\n`),
  };
  // Listeners for signals and exits are taken and never called.
  for (const name of ["on", "once", "off", "addListener", "removeListener", "removeAllListeners"])
    self[name] = () => self;
  return self;
}
