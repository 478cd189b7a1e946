import { existsSync } from "node:fs";
import { ScriptError, say } from "./project.mjs";
import { run } from "./run.mjs";

/** Whether this process may install packages and start daemons. */
export function isRoot() {
  return process.getuid?.() === 0;
}

/** Whether packages come from apt. */
export function isDebianLike() {
  return existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
}

/** Installs Debian packages, saying so first. @param {string[]} packages */
export async function installPackages(packages) {
  // Waits while another apt is at work instead of failing.
  const apt = ["-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "-qq"];
  const options = {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    say(`running: apt-get ${args.join(" ")}`);
    const code = await run("apt-get", [...apt, ...args], options);
    if (code !== 0)
      throw new ScriptError(`apt-get ${args[0]} failed (exit code ${code}); see its message above.`);
  }
}
