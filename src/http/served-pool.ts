import type { PoolConfig } from "../config/pool-config.js";
import type { Pool } from "../pool/pool.js";

/** A pool with what its configuration says of it. */
export interface ServedPool {
  config: PoolConfig;
  pool: Pool;
}

/** Subscription and resource group of the pools' ARM-like URLs. */
export const DEFAULT_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
export const DEFAULT_RESOURCE_GROUP = "local";

/** The URL that a client is given for a pool: by host name for custom pools, ARM-like for built-in ones. */
export function poolEndpoint(config: PoolConfig, port: number): string {
  if (config.containerType === "CustomContainer") return `http://${config.name}.localhost:${port}`;
  return `http://localhost:${port}/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/${DEFAULT_RESOURCE_GROUP}/sessionPools/${config.name}`;
}

/** The short URL that every pool has as well. */
export function poolAlias(config: PoolConfig, port: number): string {
  return `http://localhost:${port}/pools/${config.name}`;
}
