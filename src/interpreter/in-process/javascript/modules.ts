import assert from "node:assert";
import assertStrict from "node:assert/strict";
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import buffer from "node:buffer";
import constants from "node:constants";
import crypto from "node:crypto";
import diagnostics from "node:diagnostics_channel";
import events from "node:events";
import os from "node:os";
import path from "node:path";
import perfHooks from "node:perf_hooks";
import querystring from "node:querystring";
import readline from "node:readline";
import readlinePromises from "node:readline/promises";
import stream from "node:stream";
import streamConsumers from "node:stream/consumers";
import streamPromises from "node:stream/promises";
import streamWeb from "node:stream/web";
import stringDecoder from "node:string_decoder";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import url from "node:url";
import util from "node:util";
import utilTypes from "node:util/types";
import zlib from "node:zlib";
import { HOME, TEMPORARY } from "./places.js";

/** What the code may have of Node, by name without `node:`. */
export type Modules = ReadonlyMap<string, unknown>;

/**
 * Node's modules that reach nothing outside of the session. What could (network, processes, threads, the inspector,
 * `vm`, `v8`, …) is missing.
 */
export function harmlessModules(own: {
  files: { fs: object; promises: object };
  process: object;
  console: object;
}): Modules {
  const modules = new Map<string, unknown>(
    Object.entries({
      assert,
      "assert/strict": assertStrict,
      async_hooks: { AsyncLocalStorage, AsyncResource },
      buffer,
      console: own.console,
      constants,
      crypto: without(crypto, "setEngine"),
      diagnostics_channel: diagnostics,
      events,
      fs: own.files.fs,
      "fs/promises": own.files.promises,
      os: sessionOs(),
      path,
      "path/posix": path.posix,
      "path/win32": path.win32,
      perf_hooks: perfHooks,
      process: own.process,
      querystring,
      readline,
      "readline/promises": readlinePromises,
      stream,
      "stream/consumers": streamConsumers,
      "stream/promises": streamPromises,
      "stream/web": streamWeb,
      string_decoder: stringDecoder,
      sys: util,
      timers,
      "timers/promises": timersPromises,
      url,
      util,
      "util/types": utilTypes,
      zlib,
    }),
  );
  modules.set("module", { builtinModules: [...modules.keys()], createRequire: () => requireFrom(modules) });
  return modules;
}

/** `require` for the user's code. */
export function requireFrom(modules: Modules): (name: unknown) => unknown {
  return (name) => {
    const wanted = String(name).replace(/^node:/, "");
    if (modules.has(wanted)) return modules.get(wanted);
    const known = [...modules.keys()].filter((module) => !module.includes("/")).join(", ");
    const error = new Error(
      `Cannot find module '${name}': a session without a container has no network and no packages. There are ${known}`,
    );
    throw Object.assign(error, { code: "MODULE_NOT_FOUND" });
  };
}

/** A module as `import` gives it. */
export function namespaceOf(module: unknown): object {
  return { ...(module as object), default: module };
}

/** Of the machine, only what code needs to run well. */
function sessionOs(): object {
  const { EOL, arch, availableParallelism, constants, cpus, endianness, platform, type, uptime } = os;
  const { devNull, freemem, totalmem } = os;
  return {
    ...{
      EOL,
      arch,
      availableParallelism,
      constants,
      cpus,
      devNull,
      endianness,
      freemem,
      platform,
      totalmem,
      type,
      uptime,
    },
    homedir: () => HOME,
    tmpdir: () => TEMPORARY,
    hostname: () => "session",
    loadavg: () => [0, 0, 0],
    machine: () => os.machine(),
    networkInterfaces: () => ({}),
    release: () => "",
    userInfo: () => ({ username: "session", uid: 1000, gid: 1000, shell: null, homedir: HOME }),
    version: () => "",
  };
}

function without(module: object, ...names: string[]): object {
  return Object.fromEntries(Object.entries(module).filter(([name]) => !names.includes(name)));
}
