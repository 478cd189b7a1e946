/** `st` of a listening socket in `/proc/net/tcp`. */
const LISTEN = "0A";
/** 127.0.0.11 as `/proc/net/tcp` spells it: the engine's own DNS inside user-defined networks. */
const ENGINE_DNS = "0B00007F";

/**
 * TCP ports that listen, from the text of `/proc/net/tcp` and `/proc/net/tcp6` of one network namespace,
 * ascending and without the engine's own.
 */
export function listeningPorts(procNetTcp: string): number[] {
  const ports = new Set<number>();
  for (const line of procNetTcp.split("\n")) {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address, port] = (local ?? "").split(":");
    if (state === LISTEN && port && address !== ENGINE_DNS) ports.add(Number.parseInt(port, 16));
  }
  return [...ports].sort((a, b) => a - b);
}
