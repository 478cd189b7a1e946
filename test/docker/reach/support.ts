import net from "node:net";
import type Docker from "dockerode";
import { LABEL } from "../../../src/runtime/docker/labels.js";

/** Longer than a gate waits for a caller to say what it wants. */
const PATIENCE_MS = 20_000;

/** The running gate of the emulator that a container belongs to. */
export async function gateOf(
  docker: Docker,
  { Config }: Docker.ContainerInspectInfo,
): Promise<Docker.ContainerInspectInfo> {
  const label = [`${LABEL.emulator}=${Config.Labels[LABEL.emulator]}`, `${LABEL.role}=gate`];
  const gates = await docker.listContainers({ filters: { label } });
  if (gates.length !== 1) throw new Error(`there are ${gates.length} gates`);
  return docker.getContainer(gates[0]?.Id ?? "").inspect();
}

/** The port that the engine has published for a gate. */
export function portOf({ NetworkSettings }: Docker.ContainerInspectInfo): number {
  return Number(Object.values(NetworkSettings.Ports)[0]?.[0]?.HostPort);
}

/** Address of a gate in its own network. */
export function inside({ NetworkSettings }: Docker.ContainerInspectInfo): string {
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? "";
}

/** Callers of a gate that are not the emulator. */
export function callersOf(gate: () => Docker.ContainerInspectInfo): {
  secret(): string;
  gateSecret(): string;
  /** Says that much, or nothing, and gives all that is heard until the gate hangs up. */
  say(words: string | undefined): Promise<string>;
} {
  const variable = (name: string) =>
    gate()
      .Config.Env.find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  return {
    secret: () => variable("GATE_CALLER") ?? "",
    gateSecret: () => variable("GATE_SELF") ?? "",
    say: (words) =>
      new Promise((resolve, reject) => {
        const socket = net.connect({ host: "127.0.0.1", port: portOf(gate()) });
        let heard = "";
        const timer = setTimeout(
          () => reject(new Error(`the gate does not hang up on ${words}`)),
          PATIENCE_MS,
        );
        socket.on("data", (data) => {
          heard += data;
        });
        // A refusal may come while the words are still being sent.
        socket.on("error", () => undefined);
        socket.on("close", () => {
          clearTimeout(timer);
          resolve(heard);
        });
        if (words !== undefined) socket.write(words);
      }),
  };
}

/** Whether this machine can connect to an address. */
export function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 5_000 });
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("timeout", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
