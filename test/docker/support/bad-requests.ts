import fc from "fast-check";
import { multipartType, oddJson, oddMultipart, oddRpc } from "./bad-bodies.js";
import { apiVersion, inUrl, oddSegment, oddText } from "./odd-text.js";
import type { RawRequest } from "./raw-http.js";

/** Which part of the emulator a request goes to. */
export interface BadRequest extends RawRequest {
  plane: "built-in" | "mcp" | "management" | "control";
}

/** What the requests are made for. */
export interface Targets {
  builtIn: { pool: string; identifier: string }[];
  custom: string;
}

/** A request as somebody meant it; what is odd about it comes on top. */
interface Meant {
  plane: BadRequest["plane"];
  method: string;
  path: string;
  query: string;
  body?: "json" | "multipart" | "rpc";
}

const oddQuery = (identifier: string): fc.Arbitrary<string> => {
  const id = fc.oneof(
    { weight: 3, arbitrary: fc.constant(identifier) },
    { weight: 1, arbitrary: inUrl(oddText) },
  );
  const named = (name: string, value: fc.Arbitrary<string>) => value.map((text) => `${name}=${text}`);
  const noise = fc.constantFrom(
    "recursive=perhaps",
    "&&",
    "=",
    "identifier",
    "%=%",
    "path=/",
    "path=%2Fmnt%2Fdata",
  );
  const pair = fc.oneof(
    { weight: 4, arbitrary: named("identifier", id) },
    { weight: 4, arbitrary: named("api-version", apiVersion) },
    { weight: 2, arbitrary: named("path", oddSegment) },
    { weight: 1, arbitrary: named("skip", oddSegment) },
    { weight: 1, arbitrary: named("filename", oddSegment) },
    { weight: 1, arbitrary: fc.tuple(oddSegment, oddSegment).map((words) => words.join("=")) },
    { weight: 1, arbitrary: noise },
  );
  return fc.array(pair, { maxLength: 5 }).map((pairs) => `?${pairs.join("&")}`);
};

const oddMethod = fc.constantFrom(
  "GET",
  "POST",
  "DELETE",
  "PUT",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "LINK",
  "FOO",
  "get",
);

const oddHeader = fc.constantFrom<[string, string]>(
  ["Authorization", "Bearer "],
  ["Authorization", `Bearer ${"t".repeat(20_000)}`],
  ["operation-id", "../../x"],
  ["operation-id", "x".repeat(2_000)],
  ["Content-Encoding", "gzip"],
  ["Accept", "nothing/at-all"],
  ["Range", "bytes=9-1"],
  ["Range", "bytes=-"],
  ["If-None-Match", "*"],
  ["Origin", "https://evil.example.com"],
  ["Origin", "null"],
  ["Host", "evil.example.com"],
  ["Host", "nobody.localhost"],
  ["Host", ""],
  ["Host", "[::1"],
  ["Expect", "100-continue"],
  ["Expect", "the unexpected"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["Cookie", "é=ü"],
  ["Upgrade", "websocket"],
);

function builtIn(targets: Targets): fc.Arbitrary<Meant> {
  const operation = (method: string, path: fc.Arbitrary<string>, body?: Meant["body"]) =>
    path.map((text) => ({ method, path: text, ...(body && { body }) }));
  const named = (before: string, after = "") => oddSegment.map((name) => `${before}${name}${after}`);
  const route = fc.oneof(
    {
      weight: 6,
      arbitrary: operation(
        "POST",
        fc.constantFrom("executions", "EXECUTIONS/", "code/execute", "python/execute", "execute"),
        "json",
      ),
    },
    {
      weight: 4,
      arbitrary: operation(
        "POST",
        fc.constantFrom("files", "//files//", "files/upload", "python/uploadFile"),
        "multipart",
      ),
    },
    { weight: 2, arbitrary: operation("GET", named("executions/")) },
    {
      weight: 2,
      arbitrary: operation(
        "GET",
        fc.constantFrom("files", "python/files", "python/downloadFile", "session", "listSessions", ""),
      ),
    },
    {
      weight: 4,
      arbitrary: operation(
        "GET",
        fc.oneof(named("files/"), named("files/content/"), named("files/", "/content")),
      ),
    },
    { weight: 2, arbitrary: operation("DELETE", named("files/")) },
    {
      weight: 1,
      arbitrary: operation(
        "GET",
        fc.array(oddSegment, { maxLength: 4 }).map((segments) => segments.join("/")),
      ),
    },
  );
  const base = fc.constantFrom("/pools/", "/subscriptions/s/resourceGroups/g/sessionPools/");
  return fc
    .tuple(fc.constantFrom(...targets.builtIn), base, route, apiVersion)
    .chain(([target, prefix, meant, version]) => {
      const { pool, identifier } = target;
      const good = `?api-version=${version}&identifier=${identifier}`;
      const query = fc.oneof(
        { weight: 3, arbitrary: fc.constant(good) },
        { weight: 1, arbitrary: oddQuery(identifier) },
      );
      const path = `${prefix}${pool}/${meant.path}`;
      return query.map((text) => ({ plane: "built-in" as const, ...meant, path, query: text }));
    });
}

function others(targets: Targets): fc.Arbitrary<Meant>[] {
  const call = fc.oneof(
    fc.constantFrom("stopSession", "getSession", "listSessions", "", "StopSession/", "x"),
    oddSegment,
  );
  const word = fc.oneof(
    fc.constantFrom("health", "ready", "pools", "sessions", "token", "msi/token", ""),
    oddSegment,
  );
  return [
    fc.constantFrom(...targets.builtIn).map(({ pool }) => ({
      plane: "mcp",
      method: "POST",
      path: `/pools/${pool}/mcp`,
      query: "",
      body: "rpc",
    })),
    fc.tuple(call, oddQuery("nobody-here")).map(([name, query]) => ({
      plane: "management",
      method: "POST",
      path: `/pools/${targets.custom}/.management/${name}`,
      query,
    })),
    fc
      .tuple(word, oddQuery("x"))
      .filter(([name]) => !/^reset/i.test(name))
      .map(([name, query]) => ({ plane: "control", method: "GET", path: `/_emulator/${name}`, query })),
    fc.constant({ plane: "control", method: "POST", path: "/_emulator/clock", query: "", body: "json" }),
  ];
}

type Content = [text: string, type: string] | undefined;

function contentOf(body: Meant["body"]): fc.Arbitrary<Content> {
  const json = fc.tuple(oddJson, fc.constantFrom("application/json", "application/json", "text/plain"));
  const multipart = fc.tuple(oddMultipart, multipartType);
  const rpc = fc.tuple(oddRpc, fc.constant("application/json"));
  const noise = fc.tuple(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.constantFrom("application/octet-stream", ""),
  );
  const other = fc.oneof<fc.Arbitrary<Content>[]>(json, multipart, rpc, noise, fc.constant(undefined));
  if (body === undefined) {
    return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: other });
  }
  return fc.oneof<fc.WeightedArbitrary<Content>[]>(
    { weight: 6, arbitrary: { json, multipart, rpc }[body] },
    { weight: 1, arbitrary: other },
  );
}

/** Requests to every route, each with one thing or a few that are odd about it. */
export function badRequests(targets: Targets): fc.Arbitrary<BadRequest> {
  const meant = fc.oneof<fc.WeightedArbitrary<Meant>[]>(
    { weight: 10, arbitrary: builtIn(targets) },
    ...others(targets).map((arbitrary) => ({ weight: 2, arbitrary })),
  );
  const extra = fc.record({
    method: fc.oneof<fc.WeightedArbitrary<string | undefined>[]>(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: oddMethod },
    ),
    headers: fc.oneof(
      { weight: 4, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(oddHeader, { maxLength: 2 }) },
    ),
    framing: fc.constantFrom<"length" | "chunked">("length", "chunked"),
  });
  return meant.chain(({ plane, method, path, query, body }) =>
    fc.tuple(contentOf(body), extra).map(([content, odd]): BadRequest => {
      const [text, type] = content ?? [];
      const headers: [string, string][] = type ? [...odd.headers, ["Content-Type", type]] : odd.headers;
      const { framing } = odd;
      const verb = odd.method ?? method;
      const bytes = text === undefined ? {} : { body: Buffer.from(text, "utf8") };
      return { plane, method: verb, target: `${path}${query}`, headers, framing, ...bytes };
    }),
  );
}

/** True when a request would end the session on purpose, which is not what this is about. */
export function endsSession({ method: verb, target }: BadRequest): boolean {
  return verb === "DELETE" && /\/session\/*(\?|$)/i.test(target);
}
