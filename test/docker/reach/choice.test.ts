import net from "node:net";
import { afterAll, expect, it } from "vitest";
import { type LibraryOptions, startEmulator } from "../../../src/index.js";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { webPool } from "../support/emulator.js";

const { address } = await findEngine();

/** The engine as a remote one is spoken to; its published ports happen to be this machine's. */
const overTcp = net.createServer((client) => {
  const engine = net.connect(address.replace(/^unix:\/\//, ""));
  for (const [from, to] of [
    [client, engine],
    [engine, client],
  ] as const) {
    from.on("error", () => to.destroy());
    from.pipe(to);
  }
});
await new Promise<void>((resolve) => overTcp.listen(0, "127.0.0.1", resolve));
const tcpAddress = `tcp://127.0.0.1:${(overTcp.address() as net.AddressInfo).port}`;
afterAll(() => void overTcp.close());

/** Starts an emulator with these options, uses a session, and gives the reason that it tells. */
async function reasonWith(options: LibraryOptions): Promise<string> {
  const emulator = await startEmulator({ port: 0, pools: [webPool("chosen")], ...options });
  try {
    const answer = await fetch(`${emulator.url}/pools/chosen/visits?identifier=user-1`);
    expect(await answer.text()).toBe("1");
    return emulator.reason;
  } finally {
    await emulator.close();
  }
}

it.each([
  [
    "the engine's own socket on this machine: by sockets",
    { dockerHost: `unix://${address.replace(/^unix:\/\//, "")}` },
    "",
  ],
  ["the same, forced to the gate", { reach: "gate" as const }, ", sessions reached through a gate"],
  ["an engine over TCP: by the gate", { dockerHost: tcpAddress }, ", sessions reached through a gate"],
  ["the same on this machine, forced to sockets", { dockerHost: tcpAddress, reach: "socket" as const }, ""],
])("%s", async (_name, options, end) => {
  expect(await reasonWith(options)).toMatch(new RegExp(`^Docker [^ ]+ at [^ ,]+${end}$`));
});
