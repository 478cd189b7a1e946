import { execute } from "./support/containers.js";
import { createInterpreter, executionUrl, firstExecution } from "./support/interpreter.js";
import type { Line, Row } from "./support/row.js";

const SETTLE_MS = 3_000;
/** Pid, resident KiB and command line of every process. */
const LIST_PROCESSES =
  'for p in /proc/[0-9]*; do r=$(sed -n "s/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p" $p/status 2>/dev/null); [ -n "$r" ] && echo "$r $(tr "\\0" " " <$p/cmdline)"; done; true';

const PARTS = {
  interpreter: /interpreter\.mjs/,
  "Jupyter server": /start_jupyter\.py/,
  kernel: /ipykernel/,
};

/** What a session holds beside the kernel, which is the user's. */
export const interpreterMemory: Row = {
  name: "interpreter-memory",
  async measure(context) {
    const container = await createInterpreter(context);
    await container.start();
    await firstExecution(await executionUrl(container), "1+1");
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const processes = await execute(context, container, ["sh", "-c", LIST_PROCESSES]);
    const mib = (part: keyof typeof PARTS) => residentMiB(processes, PARTS[part]);
    const line = (what: string, value: number): Line => ({
      what,
      unit: "MiB",
      samples: [value],
      floor: { what: "the kernel itself", samples: [mib("kernel")] },
      goals: [],
    });
    return [
      line("interpreter + Jupyter server, idle after one run", mib("interpreter") + mib("Jupyter server")),
      line("of it the interpreter", mib("interpreter")),
      line("of it the Jupyter server", mib("Jupyter server")),
    ];
  },
};

function residentMiB(processes: string, command: RegExp): number {
  const found = processes
    .split("\n")
    .filter((line) => command.test(line) && !/setpriv|entrypoint\.sh|tini/.test(line));
  if (found.length === 0) throw new Error(`no process like ${command} among:\n${processes}`);
  return found.reduce((sum, line) => sum + Number(line.split(" ")[0]), 0) / 2 ** 10;
}
