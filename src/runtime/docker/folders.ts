import path from "node:path";

/** Folder below the state folder that holds one folder for each instance. */
export function instancesFolder(stateDir: string): string {
  return path.join(stateDir, "s");
}

/** What the name of an instance ends with: unique by itself, also when the name changes. */
export function shortIdOf(name: string): string {
  return name.slice(-8);
}

/** Folder of one instance: its sockets and its record. Short, since a socket's path may have about 100 characters. */
export function instanceFolder(stateDir: string, name: string): string {
  return path.join(instancesFolder(stateDir), shortIdOf(name));
}
