import type { InstanceSpec } from "../runtime.js";

/** What a person should know of sessions without a container, one line each. */
export function embeddedNotes(specs: readonly InstanceSpec[], keepContainers: boolean): string[] {
  return [
    "Sessions without a container are for your own code; docs/isolation.md says what holds them and what does not.",
    ...specs
      .filter(({ egress }) => egress)
      .map(
        ({ pool }) =>
          `Pool '${pool}': EgressEnabled has no effect without Docker, its sessions have no network.`,
      ),
    ...(keepContainers
      ? ["--keep-containers has no effect without Docker: the sessions end with the emulator."]
      : []),
  ];
}
