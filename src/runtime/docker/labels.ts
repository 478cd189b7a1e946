/** Labels by which the emulator knows its containers, networks and volumes, and tells them from another emulator's. */
export const LABEL = {
  /** Id of the emulator that owns the container. */
  emulator: "dynamic-sessions.emulator",
  pool: "dynamic-sessions.pool",
  identifier: "dynamic-sessions.identifier",
  /** `allocated` or `warming` at creation; labels of a container never change afterwards. */
  state: "dynamic-sessions.state",
  /** `session`, `relay` or `gate`. */
  role: "dynamic-sessions.role",
  /** How the sockets of a relay are reached: `folder`, `volume` or `gate`. */
  reach: "dynamic-sessions.reach",
} as const;
