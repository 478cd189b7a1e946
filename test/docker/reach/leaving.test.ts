import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { emulatorForTests, eventually, newIdentifier, webPool } from "../support/emulator.js";

/** Holds streams and WebSockets open until their reader leaves, and says how many. */
const HOLDS = `
const { createHash } = require("node:crypto");
let held = 0;
const hold = (connection, end) => { held += 1; connection.once(end, () => { held -= 1; }); };
require("node:http").createServer((req, res) => {
  if (!req.url.startsWith("/hold?")) return res.end(String(held));
  hold(res, "close");
  res.write("data: 1\\n\\n");
}).on("upgrade", (req, socket) => {
  hold(socket, "end");
  socket.on("error", () => undefined).resume();
  const key = req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = "Sec-WebSocket-Accept: " + createHash("sha1").update(key).digest("base64");
  socket.write(["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", accept, "", ""].join("\\r\\n"));
}).listen(8080)`;

describe.each(["socket", "gate"] as const)("sessions reached by %s", (reach) => {
  const emulator = emulatorForTests({ reach, pools: [webPool("holds", { command: ["node", "-e", HOLDS] })] });
  const identifier = newIdentifier();
  const url = (path: string) => `${emulator.url}/pools/holds${path}?identifier=${identifier}`;
  const held = async () => (await fetch(url("/held"))).text();

  it("hear at once when the reader of a silent stream leaves", async () => {
    const leave = new AbortController();
    expect((await fetch(url("/hold"), { signal: leave.signal })).status).toBe(200);
    expect(await held()).toBe("1");
    leave.abort();
    await eventually("the stream is over", async () => (await held()) === "0");
  });

  it("hear at once when a WebSocket breaks off", async () => {
    const socket = new WebSocket(url("/hold").replace("http:", "ws:"));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    expect(await held()).toBe("1");
    socket.terminate();
    await eventually("the socket is closed", async () => (await held()) === "0");
  });
});
