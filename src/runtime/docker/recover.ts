import fs from "node:fs/promises";
import path from "node:path";
import type Docker from "dockerode";
import type { InstanceSpec, SessionRecord } from "../runtime.js";
import { instanceFolder, instancesFolder } from "./folders.js";
import { LABEL } from "./labels.js";
import type { Reach } from "./reach/reach.js";
import { readRecord, specHash } from "./record.js";
import { Teardown } from "./teardown.js";

/** A session that goes on. */
export interface RecoveredInstance {
  containerId: string;
  relayId: string;
  name: string;
  spec: InstanceSpec;
  record: SessionRecord;
  teardown: Teardown;
}

/**
 * Finds what an earlier emulator with the same id left. A session goes on when its container and its relay run, its
 * record is whole, its pool is as it was and its sockets are reached as they were; everything else is removed.
 */
export async function recoverInstances(
  options: { docker: Docker; emulatorId: string; stateDir: string; reach: Reach },
  specs: readonly InstanceSpec[],
): Promise<RecoveredInstance[]> {
  const { docker, emulatorId, stateDir, reach } = options;
  const filters = { label: [`${LABEL.emulator}=${emulatorId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  const byName = new Map(containers.map((container) => [container.Names[0]?.slice(1) ?? "", container]));
  const recovered: RecoveredInstance[] = [];
  const rest = new Teardown(docker);
  const kept = new Set<string>();

  for (const [name, container] of byName) {
    if (container.Labels[LABEL.role] !== "session") continue;
    const relay = byName.get(`${name}-relay`);
    const record = await readRecord(instanceFolder(stateDir, name));
    const spec = specs.find(({ pool }) => pool === record?.pool);
    const goesOn = container.State === "running" && relay?.State === "running";
    // Relays from before there was more than one way have no such label.
    const reached = (relay?.Labels[LABEL.reach] ?? "folder") === reach.kind;
    if (!goesOn || !reached || !record || !spec || specHash(spec) !== record.spec) continue;
    const teardown = new Teardown(docker);
    for (const { Id } of [container, relay]) {
      teardown.container(Id);
      kept.add(Id);
    }
    for (const network of networks.filter(({ Name }) => Name === name)) {
      teardown.network(network.Id);
      kept.add(network.Id);
    }
    teardown.folder(instanceFolder(stateDir, name));
    teardown.step(() => reach.discard(name));
    kept.add(instanceFolder(stateDir, name));
    recovered.push({ containerId: container.Id, relayId: relay.Id, name, spec, record, teardown });
  }

  const isOfReach = (name = "") => reach.ownName !== undefined && name.endsWith(reach.ownName);
  for (const { Id, Names } of containers) if (!kept.has(Id) && !isOfReach(Names[0])) rest.container(Id);
  for (const { Id, Name } of networks) if (!kept.has(Id) && !isOfReach(Name)) rest.network(Id);
  for (const { Name } of Volumes ?? []) if (!isOfReach(Name)) rest.volume(Name);
  const root = instancesFolder(stateDir);
  for (const entry of await fs.readdir(root).catch(() => [])) {
    const folder = path.join(root, entry);
    if (kept.has(folder)) continue;
    rest.folder(folder);
    rest.step(() => reach.discard(entry));
  }
  await rest.run();
  return recovered;
}
