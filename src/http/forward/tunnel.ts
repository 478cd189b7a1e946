import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ForwardEnd } from "./outcome.js";

/**
 * Passes the container's bytes to the client until both connections are closed; the other direction is
 * piped already. Either side may end its half and go on reading; when one side is gone for good, the other
 * gets what was sent to it and is closed too.
 */
export function joinSockets(
  client: Duplex,
  container: Socket,
  rest: Buffer,
): Promise<{ end: ForwardEnd; responseBytes: number }> {
  return new Promise((resolve) => {
    let responseBytes = rest.length;
    let end: ForwardEnd = "complete";
    let open = 2;
    const watch = (side: Duplex, other: Duplex, ifBroken: ForwardEnd): void => {
      const onClose = (): void => {
        if (end === "complete" && !side.readableEnded && !other.destroyed) end = ifBroken;
        closeAfterWriting(other);
        open -= 1;
        if (open === 0) resolve({ end, responseBytes });
      };
      if (side.closed) onClose();
      else side.once("close", onClose);
    };
    if (rest.length > 0) client.write(rest);
    container.on("data", (chunk: Buffer) => {
      responseBytes += chunk.length;
    });
    container.pipe(client);
    watch(client, container, "client-closed");
    watch(container, client, "container-closed");
  });
}

function closeAfterWriting(side: Duplex): void {
  if (side.writableFinished) {
    side.destroy();
    return;
  }
  side.once("finish", () => side.destroy());
  side.end();
}
