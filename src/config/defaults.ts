import type { ContainerType, PoolConfig } from "./pool-config.js";

type Defaults = Omit<PoolConfig, "name" | "containerType">;

/** The port that BYOC images listen on unless told otherwise. */
const byocPort = 6000;

/**
 * What a replica of Azure Container Apps may write for its CPU cores, in bytes: 1 GiB up to a quarter of a core,
 * 2 GiB up to a half, 4 GiB up to one, 8 GiB above.
 */
export function ephemeralStorageFor(cpu: number): number {
  const gibibytes = cpu <= 0.25 ? 1 : cpu <= 0.5 ? 2 : cpu <= 1 ? 4 : 8;
  return gibibytes * 2 ** 30;
}

/**
 * What a pool has that says nothing: ARM's and the az client's defaults where Azure has one (api-reference 1, 12.4).
 * `maxAlivePeriodInSeconds` counts only with `OnContainerExit`, `cooldownPeriodInSeconds` only with `Timed`.
 */
const common: Defaults = {
  image: "",
  targetPort: byocPort,
  maxConcurrentSessions: 20,
  readySessionInstances: 1,
  lifecycleType: "Timed",
  cooldownPeriodInSeconds: 300,
  maxAlivePeriodInSeconds: 3600,
  sessionNetworkStatus: "EgressDisabled",
  cpu: 1,
  memoryBytes: 2 * 2 ** 30,
  ephemeralStorageBytes: ephemeralStorageFor(1),
  env: {},
  probes: [],
  forwardAuthorization: false,
  isMcpServerEnabled: true,
};

/** Defaults of one kind of pool, a fresh copy each time. A custom pool's image and port have none in the file. */
export function defaultsFor(containerType: ContainerType): Defaults {
  const copy = structuredClone(common);
  switch (containerType) {
    case "PythonLTS":
      return { ...copy, image: "dynamic-sessions/python:latest" };
    case "NodeLTS":
      return { ...copy, image: "dynamic-sessions/node:latest" };
    case "Shell":
      return { ...copy, image: "dynamic-sessions/shell:latest", targetPort: 6003 };
    case "CustomContainer":
      return {
        ...copy,
        cpu: 0.5,
        memoryBytes: 2 ** 30,
        ephemeralStorageBytes: ephemeralStorageFor(0.5),
        isMcpServerEnabled: false,
      };
  }
}

/** The pools of an emulator started without a file: `python`, `node` and `shell`. */
export function defaultPools(): PoolConfig[] {
  return [
    { name: "python", containerType: "PythonLTS", ...defaultsFor("PythonLTS") },
    { name: "node", containerType: "NodeLTS", ...defaultsFor("NodeLTS") },
    { name: "shell", containerType: "Shell", ...defaultsFor("Shell") },
  ];
}

/** A custom container pool in one line; port 6000 and the name `custom` unless given. */
export function customPool(
  settings: { image: string } & Partial<Omit<PoolConfig, "containerType">>,
): PoolConfig {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return {
    name: "custom",
    ...defaultsFor("CustomContainer"),
    ...given,
    containerType: "CustomContainer",
    image: settings.image,
  };
}
