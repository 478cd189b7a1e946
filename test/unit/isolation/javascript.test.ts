import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedForTests, newIdentifier, processesWith } from "../embedded/support.js";
import { sessionFiles, startListener } from "./outside.js";

const embedded = embeddedForTests({
  pools: [{ name: "node", containerType: "NodeLTS", readySessionInstances: 0, maxConcurrentSessions: 50 }],
});
const identifier = newIdentifier();
const value = (code: string) => embedded.value("node", identifier, code);
let secrets = "";
let outside: { port: number; heard: () => number; close: () => void };

beforeAll(async () => {
  secrets = await mkdtemp(path.join(os.tmpdir(), "dse-secret-"));
  await writeFile(path.join(secrets, "secret.txt"), "a secret of the machine");
  process.env.DSE_TEST_SECRET = "a secret of the environment";
  outside = await startListener();
});
afterAll(async () => {
  delete process.env.DSE_TEST_SECRET;
  outside.close();
  await rm(secrets, { recursive: true, force: true });
});

/** Ways to a file that is not the session's; each must end without its content. */
const READS = (file: string) => [
  `require('fs').readFileSync('${file}', 'utf8')`,
  `await require('fs/promises').readFile('${file}', 'utf8')`,
  `await new Promise((done) => require('fs').readFile('${file}', 'utf8', (error, text) => done(error ? String(error) : text)))`,
  `(await import('node:fs')).default.readFileSync('${file}', 'utf8')`,
  `require('fs').readFileSync('/mnt/data/../../../../../../../..${file}', 'utf8')`,
  `require('fs').readFileSync(new URL('file://${file}'), 'utf8')`,
  `require('fs').readFileSync(Buffer.from('${file}'), 'utf8')`,
  `require('fs').readFileSync({ toString: () => '${file}' }, 'utf8')`,
  `require('fs').readFileSync(require('fs').openSync('${file}', 'r'), 'utf8')`,
  `const { startsWith } = String.prototype; try { String.prototype.startsWith = () => true; require('fs').readFileSync('${file}', 'utf8') } finally { String.prototype.startsWith = startsWith }`,
  `new (require('fs').ReadStream)('${file}')`,
  `await require('stream/promises').pipeline(require('fs').createReadStream('${file}'), async (s) => { for await (const c of s) console.log(String(c)) })`,
  `await require('fs').openAsBlob('${file}').then((blob) => blob.text())`,
  `require('fs').copyFileSync('${file}', '/mnt/data/copy'); require('fs').readFileSync('/mnt/data/copy', 'utf8')`,
  `require('fs').symlinkSync('${file}', '/mnt/data/link'); require('fs').readFileSync('/mnt/data/link', 'utf8')`,
  `require('fs').linkSync('${file}', '/mnt/data/hard'); require('fs').readFileSync('/mnt/data/hard', 'utf8')`,
];

it("cannot read the machine's files in any way tried", async () => {
  const file = path.join(secrets, "secret.txt");
  for (const code of [...READS(file), ...READS("/etc/passwd"), ...READS(path.resolve("package.json"))]) {
    const { result } = await embedded.execute("node", identifier, code);
    const said = JSON.stringify(result);
    expect(said, code).not.toMatch(/a secret of the machine|root:x:|dynamic-sessions-emulator/);
  }
});

it("cannot write outside of its own folders", async () => {
  const target = path.join(secrets, "written.txt");
  await value(`require('fs').writeFileSync('${target}', 'x')`);
  await value(`require('fs').writeFileSync('/mnt/data/../../../../..${target}', 'x')`);
  await value(`require('fs').mkdirSync('${secrets}/folder', { recursive: true })`);
  await value(`require('fs').rmSync('${secrets}', { recursive: true, force: true })`);
  await value(`require('fs').renameSync('/mnt/data', '${secrets}/moved')`);
  expect(await sessionFiles(secrets)).toEqual(["secret.txt"]);
});

it("sees an empty environment, no processes and no way to signal them", async () => {
  expect(await value("JSON.stringify(process.env)")).not.toContain("secret");
  expect(await value("JSON.stringify(Object.keys(process.env))")).toBe('["HOME"]');
  expect(await value("require('fs').readdirSync('/proc')")).toMatch(/failed: .*ENOENT/);
  expect(
    await value(
      "typeof process.kill + typeof process.binding + typeof process.dlopen + typeof process.chdir",
    ),
  ).toBe("undefined".repeat(4));
  expect(await processesWith("/s/")).not.toEqual([]);
});

it.each([
  "net",
  "tls",
  "http",
  "https",
  "http2",
  "dgram",
  "dns",
  "dns/promises",
  "child_process",
  "worker_threads",
  "cluster",
  "inspector",
  "vm",
  "v8",
  "wasi",
  "repl",
  "trace_events",
  "sqlite",
  "test",
  "node:test",
  "undici",
])("does not have the module %s", async (name) => {
  expect(await value(`require('${name}')`)).toMatch(/failed: [\s\S]*Cannot find module/);
  expect(await value(`await import('${name}')`)).toMatch(/failed: [\s\S]*Cannot find module/);
  expect(await value(`require('module').createRequire('/x')('${name}')`)).toMatch(
    /failed: [\s\S]*Cannot find module/,
  );
});

it("has no global that leads to the network or to other threads", async () => {
  const names = [
    "fetch",
    "WebSocket",
    "EventSource",
    "XMLHttpRequest",
    "Worker",
    "BroadcastChannel",
    "MessageChannel",
  ];
  expect(
    await value(
      `[${names.map((name) => `typeof ${name}`).join(", ")}].every((type) => type === 'undefined')`,
    ),
  ).toBe("true");
});

/** Ways to Node's own `process`, `require` or `import`; each must give nothing. */
const REALM = [
  "Function('return process')().mainModule",
  "Function('return process')().binding",
  "[].constructor.constructor('return process')().dlopen",
  "(await (async () => {}).constructor('return process')()).getBuiltinModule",
  "console.log.constructor('return process')().kill",
  "require('fs').readFileSync.constructor('return process')().binding",
  "globalThis.process.constructor.constructor('return this')().process._linkedBinding",
  "process.mainModule",
  "module",
  "require.main",
  "require.cache",
  "require('events').constructor('return require')().main",
  "new Error().constructor.constructor('return typeof module')().main",
  "Reflect.ownKeys(globalThis).map((key) => globalThis[key]).find((one) => one && one.binding)",
];
it.each(REALM)("finds nothing by %s", async (code) => {
  expect(await value(`typeof (${code})`)).toMatch(/^(undefined$|failed: )/);
});

it.each([
  "await Function('return import(\"node:net\")')()",
  "await [].constructor.constructor('return import(\"node:child_process\")')()",
  "await eval('import(\"node:net\")')",
  "await (0, eval)('import(\"node:net\")')",
  "await Reflect.construct(Function, ['return import(\"node:fs\")'])()",
  "await new (Object.getPrototypeOf(async () => {}).constructor)('return await import(\"node:net\")')()",
  "await new Promise((done, fail) => setTimeout(Function('d', 'f', 'import(\"node:net\").then(d, f)'), 1, done, fail))",
])("cannot import Node's own modules by %s", async (code) => {
  expect(await value(code)).toMatch(/^failed: /);
});

it("learns nothing from stack frames", async () => {
  const code = `
    Error.prepareStackTrace = (_, frames) => frames;
    const seen = [];
    for (const frame of new Error().stack) seen.push(frame.getThis()?.binding, frame.getFunction()?.constructor?.name);
    const inside = (() => { try { require('fs').readFileSync('/nope') } catch (error) { return error.stack } })();
    delete Error.prepareStackTrace;
    JSON.stringify([seen.filter((one) => typeof one === 'function'), typeof inside])`;
  expect(await value(code)).toMatch(/^\[\[\],/);
});

it("reaches no listener on this machine's loopback", async () => {
  const ways = [
    `await fetch('http://127.0.0.1:${outside.port}/')`,
    `require('net').connect(${outside.port}, '127.0.0.1')`,
    `require('http').get('http://127.0.0.1:${outside.port}/')`,
    `new WebSocket('ws://127.0.0.1:${outside.port}/')`,
    `require('dns').lookup('localhost', console.log)`,
    `await (await import('node:net')).connect(${outside.port})`,
    `require('stream').Duplex.from(fetch('http://127.0.0.1:${outside.port}/'))`,
  ];
  for (const way of ways) expect(await value(way), way).toMatch(/^failed: /);
  const connection = net.connect(outside.port, "127.0.0.1");
  await new Promise((resolve) => connection.once("connect", resolve));
  connection.destroy();
  expect(outside.heard()).toBe(1);
});

it("cannot see the files of another session, whose folder it would have to know", async () => {
  const neighbour = newIdentifier();
  await embedded.execute(
    "node",
    neighbour,
    "require('fs').writeFileSync('/mnt/data/private.txt', 'of my neighbour')",
  );
  const session = (await embedded.sessions()).find((one) => one.identifier === neighbour);
  const folder = (await processesWith(`/s/${session?.container.slice(-8)}/`)).length;
  expect(folder).toBeGreaterThan(0);
  for (const entry of ["private.txt", "../data/private.txt", "../../../../*/b/f/data/private.txt"]) {
    expect(await value(`require('fs').readFileSync('/mnt/data/${entry}', 'utf8')`)).toMatch(
      /failed: .*ENOENT/,
    );
  }
});

it("ends an endless loop at its time limit, and answers afterwards", async () => {
  const stuck = await embedded.execute("node", identifier, "for (;;) {}", { timeoutInSeconds: 1 });
  expect(stuck.status).toBe("Failed");
  expect(await value("6 * 7")).toBe(42);
}, 60_000);

it("survives code that takes all memory, with an error", async () => {
  const greedy = newIdentifier();
  const post = await embedded.post("node", greedy, {
    code: "const hoard = []; for (;;) hoard.push(new Array(1e6).fill(Math.random()))",
    timeoutInSeconds: 60,
  });
  const text = await post.text();
  expect(text).not.toMatch(/"Succeeded"/);
  expect(await embedded.value("node", greedy, "1 + 1")).toBe(2);
}, 120_000);
