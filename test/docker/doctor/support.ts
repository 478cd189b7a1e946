import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { run } from "../../../src/cli/run.js";
import type { Finding } from "../../../src/doctor/finding.js";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { RecordingContext } from "../../unit/cli/recording-context.js";

const FOLDER = fileURLToPath(new URL("images", import.meta.url));

/** Builds images of this folder while the tests of the calling file run; those that others stand on first. */
export function imagesForTests(...names: string[]): void {
  beforeAll(async () => {
    const { docker } = await findEngine();
    for (const name of names) {
      const context = path.join(FOLDER, name);
      const stream = await docker.buildImage({ context, src: await readdir(context) }, { t: imageOf(name) });
      await new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(stream, (error, output) => {
          const failed = output?.find((line: { error?: string }) => line.error);
          if (error || failed) reject(error ?? new Error(failed.error));
          else resolve();
        });
      });
    }
  });
  afterAll(async () => {
    const { docker } = await findEngine();
    for (const name of names.toReversed()) {
      await docker
        .getImage(imageOf(name))
        .remove({ force: true })
        .catch(() => undefined);
    }
  });
}

/** The reference of an image of this folder. */
export function imageOf(name: string): string {
  return `dse-test/doctor-${name}:latest`;
}

/** Runs `doctor` as its command line does. */
export async function doctor(...words: string[]): Promise<{
  code: number;
  /** Standard output. */
  text: string;
  /** The line of one check, and what stands below it. */
  of(check: string): string;
}> {
  const context = new RecordingContext();
  const code = await run(["doctor", ...words], context);
  const text = context.printed.join("\n");
  return {
    code,
    text,
    of: (check) => {
      const start = context.printed.findIndex((line) => line.slice(6).startsWith(`${check} `));
      if (start < 0) throw new Error(`no line about ${check}: ${text}\n${context.errors.join("\n")}`);
      const length = context.printed.slice(start + 1).findIndex((line) => !line.startsWith(" "));
      return context.printed.slice(start, start + 1 + length).join("\n");
    },
  };
}

/** The findings of `doctor --json`. */
export async function findings(
  ...words: string[]
): Promise<{ code: number; ok: boolean; findings: Finding[] }> {
  const context = new RecordingContext();
  const code = await run(["doctor", "--json", ...words], context);
  return { code, ...JSON.parse(context.printed.join("\n")) };
}
