import { afterAll, beforeAll } from "vitest";
import { type Emulator, startEmulator } from "../../../src/index.js";
import type { Target } from "./send.js";

/** What the suite runs against when no address is given. */
export interface ImageOptions {
  /** Variable with the address of another interpreter, such as `http://localhost:6000`. */
  variable: string;
  image: string;
  targetPort: number;
}

/**
 * The interpreter to ask, for use inside tests of the calling file. With the variable set it is whatever runs
 * there, and a token for it may stand in `DSE_INTERPRETER_TOKEN`. Without it, it is this project's image, one
 * session per identifier, behind a pool of an emulator started for the file.
 */
export function interpreterUnderTest({ variable, image, targetPort }: ImageOptions): Target {
  const url = process.env[variable]?.replace(/\/+$/, "");
  if (url) return { url, isOurs: false, token: process.env.DSE_INTERPRETER_TOKEN };
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator({
      port: 0,
      pools: [
        { name: "byoc", containerType: "CustomContainer", image, targetPort, readySessionInstances: 1 },
      ],
    });
  });
  afterAll(() => emulator?.close());
  return {
    isOurs: true,
    get url() {
      if (!emulator) throw new Error("the emulator is not running yet");
      return `${emulator.url}/pools/byoc`;
    },
  };
}

/** The Python image, or the interpreter that `DSE_INTERPRETER_URL` names. */
export const pythonImage: ImageOptions = {
  variable: "DSE_INTERPRETER_URL",
  image: process.env.DSE_INTERPRETER_IMAGE || "dynamic-sessions/python:latest",
  targetPort: 6000,
};

/** The shell image, or the one that `DSE_SHELL_INTERPRETER_URL` names. */
export const shellImage: ImageOptions = {
  variable: "DSE_SHELL_INTERPRETER_URL",
  image: "dynamic-sessions/shell:latest",
  targetPort: 6003,
};
