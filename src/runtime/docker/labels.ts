/** Labels by which the emulator knows its containers and networks, and tells them from another emulator's. */
export const LABEL = {
  /** Id of the emulator that owns the container. */
  emulator: "dynamic-sessions.emulator",
  pool: "dynamic-sessions.pool",
  identifier: "dynamic-sessions.identifier",
  /** `allocated` or `warming` at creation; labels of a container never change afterwards. */
  state: "dynamic-sessions.state",
  /** `session` or `relay`. */
  role: "dynamic-sessions.role",
} as const;
