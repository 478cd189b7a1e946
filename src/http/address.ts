import { hostName } from "./host-guard.js";

/** What a URL addresses: a pool and the raw path with query that is left for it, or the emulator itself. */
export interface Address {
  /** Absent: the emulator itself. */
  pool: string | undefined;
  /** What stands before `path` in the URL, for links that lead back; no trailing slash. */
  prefix: string;
  path: string;
}

const PREFIXES = [
  /^\/+pools\/+([^/?]+)/i,
  /^\/+subscriptions\/+[^/?]+\/+resourceGroups\/+[^/?]+\/+(?:providers\/+Microsoft\.App\/+)?sessionPools\/+([^/?]+)/i,
];

const POOL_HOST = /^([a-z0-9][a-z0-9-]*)\.localhost$/;

/**
 * Reads the pool out of the host name (`{pool}.localhost`), the short alias (`/pools/{pool}`) or the
 * ARM-like path. What is left of the path keeps its raw spelling, for custom pools are path-preserving.
 * @param url raw `req.url`
 */
export function addressOf(url: string, host: string | undefined): Address {
  const byHost = POOL_HOST.exec(hostName(host ?? ""))?.[1];
  if (byHost) return { pool: byHost, prefix: "", path: url };
  for (const prefix of PREFIXES) {
    const match = prefix.exec(url);
    if (!match?.[1]) continue;
    const rest = url.slice(match[0].length);
    const path = rest.startsWith("/") ? rest : `/${rest}`;
    return { pool: decode(match[1]).toLowerCase(), prefix: match[0], path };
  }
  return { pool: undefined, prefix: "", path: url };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The query of a raw path. */
export function queryOf(path: string): URLSearchParams {
  const mark = path.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : path.slice(mark + 1));
}

/** The path of a raw path, without its query. */
export function pathnameOf(path: string): string {
  const mark = path.indexOf("?");
  return mark < 0 ? path : path.slice(0, mark);
}
