import type { Logger } from "pino";
import type { PoolMetadata } from "../service/index.js";
import type { ControlContext } from "./control.js";
import type { ServedPool } from "./served-pool.js";

/** Tells the facts of a pool's image; the first call of a pool takes as long as starting a session. */
export type MetadataReader = (served: ServedPool) => Promise<PoolMetadata>;

/** What the HTTP room needs of the rest. */
export interface AppContext extends ControlContext {
  logger: Logger;
  /** Refuse unknown api-versions as Azure does. */
  strict: boolean;
  /** Refuse requests to pools without one of the emulator's tokens. */
  checkTokens: boolean;
  /** The facts of a built-in pool's image. */
  metadata: MetadataReader;
  /** Host names to trust beside the emulator's own. */
  trustedHosts: readonly string[];
}
