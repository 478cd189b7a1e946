import { execFile, execFileSync } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** One run of the repository's docker-compose.yml. */
export interface Composition {
  /** Runs a subcommand of compose for it. Rejects with what compose printed when it fails. */
  run(...words: string[]): Promise<string>;
}

/**
 * @param project name of its own, so that it meets no other's
 * @param overrides one more file, whose settings win
 * @param environment what docker-compose.yml takes from the environment
 */
export function composition(
  project: string,
  overrides: string,
  environment: Record<string, string>,
): Composition {
  const [program, ...first] = composeCommand();
  const files = ["-f", path.join(ROOT, "docker-compose.yml"), "-f", overrides];
  const env = { ...process.env, ...environment };
  return {
    run: async (...words) => {
      const all = [...first, "-p", project, ...files, ...words];
      const { stdout, stderr } = await promisify(execFile)(program, all, { env, timeout: 120_000 });
      return stdout + stderr;
    },
  };
}

/** The plugin of the docker command, or the older program of its own. */
function composeCommand(): [string, ...string[]] {
  for (const command of [["docker", "compose"], ["docker-compose"]] as [string, ...string[]][]) {
    const [program, ...words] = command;
    try {
      execFileSync(program, [...words, "version"], { stdio: "ignore" });
      return command;
    } catch {
      // Not this one.
    }
  }
  throw new Error(
    "neither 'docker compose' nor 'docker-compose' is there: install one, on Debian or Ubuntu with: sudo apt-get install -y docker-compose",
  );
}

/**
 * Whether an emulator takes requests. The engine accepts connections to a published port before anybody listens
 * inside, and closes them: `fetch` may wait for ever then.
 */
export function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(`${url}/_emulator/ready`, { agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
    request.on("close", () => resolve(false));
  });
}
