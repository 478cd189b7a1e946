import type Docker from "dockerode";
import { engineError } from "./engine.js";
import { LABEL } from "./labels.js";

/** Larger than any image that the probe is made from. */
const PROBE_BYTES = 2 ** 34;

/** What a container's `HostConfig` says of its disk; empty where the engine cannot limit it. */
export type DiskOptions = { StorageOpt?: { size: string } };

/** What the engine has told about limiting disks. */
interface Means {
  /** Why it cannot, in its words; absent when it can. */
  refusal?: string;
  /** Its limit is on everything that the container sees, the image included, and not on what it writes. */
  countsImage: boolean;
}

/**
 * Limits what a container may write, where the engine can. That depends on its storage driver and on the file
 * system below (btrfs, zfs, or overlay2 on xfs with project quotas) and is told by nothing but an attempt.
 */
export class DiskLimit {
  private means: Promise<Means> | undefined;

  constructor(private readonly options: { docker: Docker; emulatorId: string; relayImage: string }) {}

  /** Why the engine cannot, in its words; undefined when it can. */
  async refusal(): Promise<string | undefined> {
    return (await this.known()).refusal;
  }

  /** The options of a container that may write so many bytes. */
  async optionsFor(image: string, bytes: number): Promise<DiskOptions> {
    const { refusal, countsImage } = await this.known();
    if (refusal !== undefined) return {};
    const imageBytes = countsImage ? (await this.options.docker.getImage(image).inspect()).Size : 0;
    return storageOpt(imageBytes + bytes);
  }

  /** Asked once, unless the engine gave no answer. */
  private known(): Promise<Means> {
    this.means ??= this.ask().catch((error: unknown) => {
      this.means = undefined;
      throw error;
    });
    return this.means;
  }

  private async ask(): Promise<Means> {
    const { docker, emulatorId, relayImage } = this.options;
    const { Driver: driver } = (await docker.info()) as { Driver: string };
    const countsImage = driver === "btrfs";
    try {
      const container = await docker.createContainer({
        Image: relayImage,
        Labels: { [LABEL.emulator]: emulatorId, [LABEL.role]: "probe" },
        HostConfig: { NetworkMode: "none", ...storageOpt(PROBE_BYTES) },
      });
      await container.remove({ force: true });
      return { countsImage };
    } catch (error) {
      const { message } = engineError(error);
      if (!/storage[-._ ]?opt|quota|overlay\.size|\bsize\b/i.test(message)) throw error;
      return { countsImage, refusal: message };
    }
  }
}

function storageOpt(bytes: number): DiskOptions {
  return { StorageOpt: { size: String(bytes) } };
}
