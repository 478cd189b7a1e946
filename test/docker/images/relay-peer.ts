/**
 * A server for the other side of a relay, run by `node -e` inside its network namespace. Says `ready` when all
 * listen: 8081 on 127.0.0.1 (HTTP), 8082 on ::1 or, without IPv6, 127.0.0.1 (raw, answers after the half-close).
 */
export const PEER_PROGRAM = `
const http = require("node:http"), net = require("node:net");
const web = http.createServer((req, res) => {
  if (req.url === "/too-large") {
    res.writeHead(413, { connection: "close" });
    res.end("too large");
    // Most of the upload has not been read: this resets the connection.
    setImmediate(() => req.socket.destroy());
  } else if (req.url === "/echo") {
    req.pipe(res);
  } else {
    res.end("pong");
  }
});
const raw = net.createServer({ allowHalfOpen: true }, (socket) => {
  let received = 0;
  socket.write("hello ");
  socket.on("data", (chunk) => { received += chunk.length; });
  socket.on("end", () => socket.end("got " + received));
  socket.on("error", () => {});
});
const ready = () => console.log("ready");
web.listen(8081, "127.0.0.1", () => {
  raw.on("error", () => raw.listen(8082, "127.0.0.1", ready));
  raw.listen(8082, "::1", ready);
});
`;
