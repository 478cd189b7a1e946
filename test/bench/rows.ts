import { embeddedMemory } from "./embedded-memory.js";
import { embeddedStart } from "./embedded-start.js";
import { emulatorExecute } from "./emulator-execute.js";
import { emulatorMemory } from "./emulator-memory.js";
import { emulatorStart } from "./emulator-start.js";
import { gateForward } from "./gate-forward.js";
import { interpreterMemory } from "./interpreter-memory.js";
import { interpreterRun } from "./interpreter-run.js";
import { interpreterStart } from "./interpreter-start.js";
import { poolBookkeeping } from "./pool-bookkeeping.js";
import { poolBurst } from "./pool-burst.js";
import { poolCold } from "./pool-cold.js";
import { poolForward } from "./pool-forward.js";
import { poolFull } from "./pool-full.js";
import { poolWarm } from "./pool-warm.js";
import type { Row } from "./support/row.js";

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  interpreterRun,
  interpreterStart,
  interpreterMemory,
  poolWarm,
  poolCold,
  poolForward,
  gateForward,
  poolFull,
  poolBurst,
  poolBookkeeping,
  emulatorExecute,
  emulatorStart,
  emulatorMemory,
  embeddedStart,
  embeddedMemory,
];
