import type Docker from "dockerode";

/** A part of a session that a test ends with kill -9. */
export type Part = "relay" | "container" | "interpreter" | "kernel";

/** What tells a process inside a session from the others; brackets keep the pattern from finding itself. */
const PATTERNS = { interpreter: "[i]nterpreter.mjs", kernel: "[i]pykernel_launcher" };

/** Ends one part of the session whose container is called `name`. */
export async function killPart(docker: Docker, name: string, part: Part): Promise<void> {
  if (part === "relay") await docker.getContainer(`${name}-relay`).kill();
  else if (part === "container") await docker.getContainer(name).kill();
  else await killInside(docker.getContainer(name), PATTERNS[part]);
}

async function killInside(container: Docker.Container, pattern: string): Promise<void> {
  const script = `for p in /proc/[0-9]*; do grep -q '${pattern}' $p/cmdline && kill -9 \${p#/proc/}; done`;
  const exec = await container.exec({ Cmd: ["sh", "-c", script], AttachStdout: true, AttachStderr: true });
  const output = await exec.start({});
  for await (const _ of output);
}
