import type { MountSettings } from "dockerode";
import type { Endpoint } from "../../endpoint.js";

/** Where a relay finds the folder, or the volume, of its sockets. */
export const SOCKETS_INSIDE = "/run/relay";

/** What a relay's container needs to listen where the emulator can reach it. */
export interface RelayPlace {
  mount: MountSettings;
  /** Folder inside the relay for its sockets; it exists. */
  folder: string;
  /** Capabilities that writing there takes. */
  capabilities: string[];
}

/** How the emulator reaches its sessions: where relays put their sockets, and the way to those (design, section 4). */
export interface Reach {
  /** Kept as a label of each relay: whoever finds one later must reach it in the same way. */
  readonly kind: "folder" | "volume" | "gate";
  /** The same for people, as the end of `Docker 28.0 at …`; "" for the usual one. */
  readonly inWords: string;
  /** Name in the engine of what the way itself is made of, which lives as long as the emulator; if there is any. */
  readonly ownName?: string;
  /** Makes the place for the sockets of one instance. */
  place(name: string): Promise<RelayPlace>;
  /** The way to one port of an instance. */
  endpoint(name: string, port: number): Endpoint;
  /** Gives the place of an instance back, beyond its folder in the state folder. Never rejects. */
  discard(name: string): Promise<void>;
  /** Ends what leads to the sockets. The sockets stay. Never rejects. */
  close(): Promise<void>;
}

/** The ways to the ports of one instance, each made once. */
export function endpointsOf(reach: Reach, name: string): (port: number) => Endpoint {
  const endpoints = new Map<number, Endpoint>();
  return (port) => {
    const known = endpoints.get(port);
    if (known) return known;
    const made = reach.endpoint(name, port);
    endpoints.set(port, made);
    return made;
  };
}
