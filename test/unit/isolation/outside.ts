import { readdir } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";

/** A listener on the loopback that counts who comes. */
export async function startListener(): Promise<{ port: number; heard: () => number; close: () => void }> {
  let heard = 0;
  const server = net.createServer((socket) => {
    heard += 1;
    socket.on("error", () => undefined).end("outside");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, heard: () => heard, close: () => server.close() };
}

/** What is in a folder, by name. */
export async function sessionFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}
