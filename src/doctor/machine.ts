import type { EmulatorOptions } from "../config/options.js";
import type { Finding } from "./finding.js";
import { machineFacts } from "./machine/facts.js";
import { judgeMachine } from "./machine/judge.js";

/** Whether this machine is ready for an emulator with these settings. */
export async function examineMachine(options: EmulatorOptions): Promise<Finding[]> {
  return judgeMachine(await machineFacts(options));
}
