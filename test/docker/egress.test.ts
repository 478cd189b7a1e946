import { expect, it } from "vitest";
import { emulatorForTests, newIdentifier, webPool } from "./support/emulator.js";

const SCRIPT = `
  const os = require("os"), http = require("http");
  http.createServer((req, res) => {
    const to = new URL(req.url, "http://x").searchParams.get("to");
    if (!to) return res.end(JSON.stringify(Object.values(os.networkInterfaces()).flat().map((i) => i.address)));
    const probe = http.get({ host: to, port: 8080, timeout: 2000 }, () => res.end("reached"));
    probe.on("timeout", () => probe.destroy(new Error("timeout")));
    probe.on("error", () => res.end("not reached"));
  }).listen(8080);
`;

const emulator = emulatorForTests({
  pools: [webPool("open", { command: ["node", "-e", SCRIPT], sessionNetworkStatus: "EgressEnabled" })],
});

async function ask(identifier: string, query = ""): Promise<string> {
  return (await fetch(`${emulator.url}/pools/open/?identifier=${identifier}${query}`)).text();
}

it("sessions with egress have a network of their own and no way to each other", async () => {
  const [a, b] = [newIdentifier(), newIdentifier()];
  const [addressesOfA, addressesOfB] = [JSON.parse(await ask(a)), JSON.parse(await ask(b))] as [
    string[],
    string[],
  ];
  const bridge = /^10\.212\./;
  expect(addressesOfA.find((address) => bridge.test(address))).toBeTruthy();
  const other = addressesOfB.find((address) => bridge.test(address));
  expect(other).toBeTruthy();
  expect(await ask(b, `&to=${other}`)).toBe("reached");
  expect(await ask(a, `&to=${other}`)).toBe("not reached");
});
