// The smallest image that answers as a code interpreter, to be broken in one way at a time. For tests only.
const dgram = require("node:dgram");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const folder = "/mnt/data";
const { PORT = "6000", EXIT_CODE, START_DELAY_MS = "0", NEEDS_NETWORK } = process.env;

const server = http.createServer(async (req, res) => {
  const { pathname } = new URL(req.url, "http://inside");
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const json = (status, value) => {
    res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  };
  try {
    const file = path.join(folder, path.basename(pathname.replace(/\/content$/, "")));
    if (pathname === "/health") json(200, "healthy");
    else if (pathname === "/executions") {
      json(200, { id: "1", status: "Succeeded", result: { stdout: "", stderr: "", executionResult: 2 } });
    } else if (req.method === "POST" && pathname === "/files") {
      const [, name, content] = /filename="([^"]+)".*?\r\n\r\n(.*?)\r\n--/s.exec(body);
      fs.writeFileSync(path.join(folder, name), content);
      json(200, { name });
    } else if (pathname === "/files") {
      json(200, { value: fs.readdirSync(folder).map((name) => ({ name })) });
    } else if (req.method === "DELETE") {
      fs.rmSync(file);
      res.writeHead(204).end();
    } else if (pathname.startsWith("/files/")) res.end(fs.readFileSync(file));
    else json(404, { message: "no such route" });
  } catch (error) {
    json(500, { message: error.message });
  }
});

if (EXIT_CODE) {
  console.error("cannot go on: the licence file is missing");
  process.exit(Number(EXIT_CODE));
}
if (NEEDS_NETWORK) {
  // The address is reserved for documentation; without any network not even a way to it is known.
  const socket = dgram.createSocket("udp4");
  socket.connect(53, "192.0.2.1", (error) => {
    if (!error) {
      socket.close(listen);
      return;
    }
    console.error(`the licence server cannot be reached: ${error.message}`);
    process.exit(1);
  });
} else {
  setTimeout(listen, Number(START_DELAY_MS));
}

function listen() {
  server.listen(Number(PORT));
}
process.on("SIGTERM", () => process.exit(0));
