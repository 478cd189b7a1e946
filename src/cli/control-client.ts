/** A pool as `GET /_emulator/pools` tells it (design, section 5); more properties come with it. */
export interface ControlPool {
  name: string;
  containerType: string;
  /** The address that a client is given as its pool management endpoint. */
  endpoint: string;
  /** The short address. */
  alias: string;
  image: string;
  max: number;
  ready: number;
  allocated: number;
  /** Why no instance can be made ready at the moment. */
  problem?: string;
  [property: string]: unknown;
}

/** A session as `GET /_emulator/sessions` tells it; times are ISO 8601. */
export interface ControlSession {
  pool: string;
  identifier: string;
  state: string;
  container: string | null;
  createdAt: string;
  lastAccessedAt: string;
  expiresAt: string;
  [property: string]: unknown;
}

const START = "Start one with: dynamic-sessions-emulator start";
const ELSEWHERE = "or name its address with --url or DSE_URL";
/** Destroying every session takes the engine a while. */
const TIMEOUT_MS = 120_000;

/** What a person can do with an emulator that runs, through its control API and, to stop a session, its data plane. */
export class ControlClient {
  /** @param url where the emulator answers, for example `http://localhost:4380` */
  constructor(readonly url: string) {}

  /** `{status, version, runtime, reason}`. */
  async health(): Promise<{ version: string; runtime: string; reason: string }> {
    return (await this.json("GET", "/_emulator/health")) as never;
  }

  async pools(): Promise<ControlPool[]> {
    return ((await this.json("GET", "/_emulator/pools")) as { value: ControlPool[] }).value;
  }

  /** @throws Error that names the pools there are */
  async pool(name: string): Promise<ControlPool> {
    const pools = await this.pools();
    const found = pools.find((pool) => pool.name === name.toLowerCase());
    if (found) return found;
    const names = pools.map((pool) => pool.name).join(", ") || "none";
    throw new Error(`the emulator at ${this.url} has no pool '${name}'; its pools: ${names}`);
  }

  async sessions(): Promise<ControlSession[]> {
    return ((await this.json("GET", "/_emulator/sessions")) as { value: ControlSession[] }).value;
  }

  /** Ends every session. */
  async reset(): Promise<void> {
    await this.ask("POST", "/_emulator/reset");
  }

  /** Moves the emulator's clock forward. @returns its time then, ISO 8601 */
  async advance(seconds: number): Promise<string> {
    const body = JSON.stringify({ advanceSeconds: seconds });
    return ((await this.json("POST", "/_emulator/clock", { body })) as { now: string }).now;
  }

  /** A bearer token for an audience; the data plane's unless given. */
  async token(resource?: string): Promise<{ access_token: string; expires_on: string; resource: string }> {
    const query = resource === undefined ? "" : `?${new URLSearchParams({ resource })}`;
    return (await this.json("GET", `/_emulator/token${query}`)) as never;
  }

  /** Ends one session as a client of the pool does: `DELETE session`, or `stopSession` of a custom pool. */
  async stopSession(poolName: string, identifier: string): Promise<void> {
    const pool = await this.pool(poolName);
    const custom = pool.containerType === "CustomContainer";
    const query = new URLSearchParams({
      "api-version": custom ? "2025-02-02-preview" : "2025-10-02-preview",
      identifier,
    });
    const path = `/pools/${pool.name}/${custom ? ".management/stopSession" : "session"}?${query}`;
    const { access_token: token } = await this.token();
    await this.ask(custom ? "POST" : "DELETE", path, { headers: { Authorization: `Bearer ${token}` } });
  }

  private async json(method: string, path: string, more: RequestInit = {}): Promise<unknown> {
    const text = await (await this.ask(method, path, more)).text();
    try {
      const data: unknown = JSON.parse(text);
      if (typeof data === "object" && data !== null) return data;
    } catch {
      // Said below.
    }
    throw this.stranger();
  }

  private async ask(method: string, path: string, more: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${this.url}${path}`, { method, signal, ...more }).catch(
      (error: unknown) => {
        throw this.unreachable(error);
      },
    );
    if (response.ok) return response;
    const said = messageIn(await response.text());
    if (said === undefined && path.startsWith("/_emulator")) throw this.stranger();
    throw new Error(said ?? `the emulator at ${this.url} answered ${method} ${path} with ${response.status}`);
  }

  private unreachable(error: unknown): Error {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why =
      cause instanceof Error ? ("code" in cause ? String(cause.code) : cause.message) : String(cause);
    const message = `no emulator answers at ${this.url} (${why}). ${START}, ${ELSEWHERE}.`;
    return new Error(message, { cause: error });
  }

  private stranger(): Error {
    return new Error(`what answers at ${this.url} is no emulator. ${START}, ${ELSEWHERE}.`);
  }
}

/** The words of an error in Azure's envelope. */
function messageIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } };
    if (typeof error?.message !== "string") return undefined;
    return error.message || String(error.code);
  } catch {
    return undefined;
  }
}
