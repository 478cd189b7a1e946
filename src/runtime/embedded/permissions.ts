/** What a session's process may touch of the file system. */
export interface FileAccess {
  /** Files and folders, with all below them. */
  read: readonly string[];
  write: readonly string[];
}

/**
 * Node's permission model as flags: files as given, threads (the kernel is one), and neither child processes nor
 * native addons nor WASI nor the inspector. Node 20 and 22 before 22.13 call it experimental.
 */
export function permissionFlags({ read, write }: FileAccess): string[] {
  const known = process.allowedNodeEnvironmentFlags;
  return [
    known.has("--permission") ? "--permission" : "--experimental-permission",
    "--no-warnings",
    "--allow-worker",
    // Where the permission model shuts the network, it shuts unix sockets with it, and the API listens on one.
    ...(known.has("--allow-net") ? ["--allow-net"] : []),
    // A folder that exists stands for all below it, too.
    ...[...read, ...write].map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
  ];
}
