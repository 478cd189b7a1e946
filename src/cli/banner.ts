import type { Emulator } from "../emulator.js";

const identifier = "my-session-1";

/** What a person sees once the emulator answers: where, on what, which pools, and a line to paste. */
export function banner(emulator: Emulator, version: string): string[] {
  const width = Math.max(0, ...emulator.pools.map(({ name }) => name.length));
  const pools = emulator.pools.flatMap(({ name, containerType, endpoint, alias }) => [
    `  ${name.padEnd(width)}  ${containerType.padEnd(15)}  ${endpoint}`,
    `  ${"".padEnd(width)}  ${"".padEnd(15)}  ${alias}`,
  ]);
  const example =
    emulator.pools.find(({ containerType }) => containerType !== "CustomContainer") ?? emulator.pools[0];
  return [
    "",
    `Dynamic Sessions emulator ${version} at ${emulator.url}`,
    `Runtime: ${emulator.runtime} (${emulator.reason})`,
    ...emulator.notes,
    "",
    "Pools, with the address as on Azure and a short one:",
    ...pools,
    ...(example ? ["", "Try it:", `  ${curlLine(example)}`] : []),
    "",
    "Ctrl+C stops it and removes the sessions.",
    "",
  ];
}

/** A line to paste into a shell: runs code in a code interpreter, asks a custom pool for its health. */
export function curlLine({ containerType, alias }: Emulator["pools"][number]): string {
  if (containerType === "CustomContainer") return `curl -i '${alias}/health?identifier=${identifier}'`;
  const query = `api-version=2025-10-02-preview&identifier=${identifier}`;
  return `curl '${alias}/executions?${query}' -H 'Content-Type: application/json' -d '${exampleBody(containerType)}'`;
}

function exampleBody(containerType: string): string {
  switch (containerType) {
    case "Shell":
      return JSON.stringify({ shellCommand: "echo Hello from $(whoami)" });
    case "NodeLTS":
      return JSON.stringify({ code: "console.log(6 * 7)" });
    default:
      return JSON.stringify({ code: "print(6 * 7)" });
  }
}
