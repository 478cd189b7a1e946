import net from "node:net";

/** Suffixes under which the service and the emulator are known. */
const KNOWN_SUFFIXES = [".localhost", ".dynamicsessions.io", ".azurecontainerapps.io"];

/** Host name of a `Host` header, lower case, without port and brackets. */
export function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(header);
  return (bracketed?.[1] ?? header.split(":")[0] ?? "").toLowerCase().replace(/\.$/, "");
}

/**
 * True for names that a web page of a stranger cannot make its own: DNS rebinding needs a name with a dot
 * in public DNS, so address literals, single labels (`localhost`, a compose service) and the known
 * suffixes are safe.
 */
export function isTrustedHost(header: string | undefined, also: readonly string[] = []): boolean {
  if (!header) return true;
  const name = hostName(header);
  if (net.isIP(name) !== 0 || !name.includes(".")) return true;
  return KNOWN_SUFFIXES.some((suffix) => name.endsWith(suffix)) || also.includes(name);
}

/** The same for an `Origin` header, which browsers send with every cross-site request that could do harm. */
export function isTrustedOrigin(origin: string | undefined, also: readonly string[] = []): boolean {
  if (origin === undefined) return true;
  try {
    return isTrustedHost(new URL(origin).host, also);
  } catch {
    return false;
  }
}
