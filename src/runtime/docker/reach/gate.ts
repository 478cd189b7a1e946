import { randomBytes } from "node:crypto";
import type net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { isGone } from "../engine.js";
import { LABEL } from "../labels.js";
import { callGate, type GateAddress, GateLostError, SECRET_LENGTH } from "./gate-call.js";
import { SOCKETS_INSIDE } from "./reach.js";

/** Port of the gate inside its own network. */
const PORT = 4381;
/** A socket that is certainly not there: the gate says so, and by that that it works. */
const NO_SOCKET = "open 00000000/0.sock";
/** How long a gate may take to listen once it has been started. */
const UP_WITHIN_MS = 10_000;
const STILL_THERE_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 50;
/** Times that a lost gate is looked after for one call. */
const TRIES = 3;
/** Waits while too many others wait for the same socket. */
const BUSY_PAUSE_MS = 20;
const BUSY_TRIES = 100;

/** What a gate is made from. */
export interface GateOptions {
  docker: Docker;
  emulatorId: string;
  /** Image of the relays, which is the gate's as well. */
  image: string;
  /** What the container's name ends with. */
  ownName: string;
  /** The volume of the sockets, and the network that the gate stands in alone; both exist. */
  volume: string;
  network: string;
}

/**
 * A container that connects the emulator to sockets that it cannot reach by itself. One that is lost is replaced at
 * the next call, with another port and other secrets.
 */
export class Gate {
  private address: GateAddress | undefined;
  private starting: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: GateOptions) {}

  /** Starts it. @throws GateLostError when it runs and cannot be reached, an engine's error when it does not run */
  async start(): Promise<void> {
    await this.restart(undefined);
  }

  /**
   * Connects to the socket of an instance.
   * @param socket `<id>/<port>.sock`
   * @throws Error with the code `ECONNREFUSED` when nobody listens there
   */
  async connect(socket: string): Promise<net.Socket> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.call(`open ${socket}`);
      if (answer.word === "+") return answer.socket;
      answer.socket.destroy();
      if (answer.word === "~" && attempt < BUSY_TRIES) await sleep(BUSY_PAUSE_MS);
      else throw Object.assign(new Error(`nobody listens on ${socket}`), { code: "ECONNREFUSED" });
    }
  }

  /** Makes the folder of an instance. */
  async make(id: string): Promise<void> {
    const { word, socket } = await this.call(`make ${id}`);
    socket.destroy();
    if (word !== "+")
      throw new Error(`the gate could not make the folder ${id} in the volume of the sockets`);
  }

  /** Removes the folder of an instance; left alone when the gate is gone. */
  async clear(id: string): Promise<void> {
    if (!this.address || this.closed) return;
    const { socket } = await callGate(this.address, `clear ${id}`);
    socket.destroy();
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.closed = true;
    await this.starting?.catch(() => undefined);
    await this.remove();
  }

  private async call(order: string): ReturnType<typeof callGate> {
    for (let attempt = 1; ; attempt += 1) {
      const { address } = this;
      try {
        if (!address) throw new GateLostError("the gate is not running");
        return await callGate(address, order);
      } catch (error) {
        if (!(error instanceof GateLostError) || this.closed || attempt === TRIES) throw error;
        await this.restart(address);
      }
    }
  }

  /** Once, however many ask. @param lost what led to the gate that was lost */
  private restart(lost: GateAddress | undefined): Promise<void> {
    if (this.address !== lost) return Promise.resolve();
    this.starting ??= this.replace().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async replace(): Promise<void> {
    // One that only was slow to answer keeps its connections.
    if (this.address && (await answers(this.address, STILL_THERE_WITHIN_MS))) return;
    await this.remove();
    const callerSecret = newSecret();
    const gateSecret = newSecret();
    const port = await this.run(callerSecret, gateSecret);
    const address = { host: "127.0.0.1", port, callerSecret, gateSecret };
    for (const end = Date.now() + UP_WITHIN_MS; !(await answers(address, UP_WITHIN_MS)); ) {
      if (Date.now() > end) throw new GateLostError(`the gate at 127.0.0.1:${port} does not answer`);
      await sleep(LOOK_AGAIN_MS);
    }
    this.address = address;
  }

  /** @returns the port that the engine has published on its host's loopback */
  private async run(callerSecret: string, gateSecret: string): Promise<number> {
    const { docker, emulatorId, image, ownName, volume, network } = this.options;
    const container = await docker.createContainer({
      // Never the same twice: the engine may still be removing the last one.
      name: `dse-${randomBytes(4).toString("hex")}-${ownName}`,
      Image: image,
      Cmd: ["gate", SOCKETS_INSIDE, String(PORT)],
      // Not in the command line, which other users of the engine's host can read.
      Env: [`GATE_CALLER=${callerSecret}`, `GATE_SELF=${gateSecret}`],
      ExposedPorts: { [`${PORT}/tcp`]: {} },
      Labels: { [LABEL.emulator]: emulatorId, [LABEL.role]: "gate" },
      HostConfig: {
        NetworkMode: network,
        PortBindings: { [`${PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
        Mounts: [
          {
            Type: "volume",
            Source: volume,
            Target: SOCKETS_INSIDE,
            VolumeOptions: { NoCopy: true } as never,
          },
        ],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        ReadonlyRootfs: true,
        Memory: 256 * 2 ** 20,
        PidsLimit: 16,
      },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const port = Number(NetworkSettings.Ports[`${PORT}/tcp`]?.[0]?.HostPort);
    if (!(port > 0)) throw new Error("the engine has not published the port of the gate");
    return port;
  }

  /** Removes every gate of this emulator, an earlier process's as well. */
  private async remove(): Promise<void> {
    const { docker, emulatorId } = this.options;
    const label = [`${LABEL.emulator}=${emulatorId}`, `${LABEL.role}=gate`];
    const gates = await docker.listContainers({ all: true, filters: { label } });
    await Promise.all(
      gates.map(async ({ Id }) => {
        try {
          await docker.getContainer(Id).remove({ force: true, v: true });
        } catch (error) {
          if (!isGone(error)) throw error;
        }
      }),
    );
  }
}

async function answers(address: GateAddress, withinMs: number): Promise<boolean> {
  try {
    const { socket } = await callGate(address, NO_SOCKET, withinMs);
    socket.destroy();
    return true;
  } catch {
    return false;
  }
}

function newSecret(): string {
  return randomBytes(SECRET_LENGTH / 2).toString("hex");
}
