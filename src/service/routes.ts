import { type ApiVersion, type Dialect, FIRST_FLAT_VERSION, readApiVersion } from "./api-version.js";
import { directoryOf, locateFile } from "./file-location.js";
import type { BuiltInContainerType, Operation } from "./operation.js";
import { pathSegments } from "./path-segments.js";
import { queryValue, skipOf } from "./query.js";
import { ServiceError } from "./service-error.js";

/** A request to a built-in pool, as far as the route depends on it. */
export interface BuiltInRequest {
  method: string;
  /** Raw path after the pool's prefix, still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  containerType: BuiltInContainerType;
  /** Refuse unknown api-versions as the service does. */
  strict: boolean;
}

/** What distinguishes one operation from another; the common members are added once, by {@link routeBuiltIn}. */
type Route = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, "apiVersion" | "containerType" | "note">
    : never
  : never;

/**
 * Understands a request to a built-in pool. The route comes first: `code/execute` answers on the G1 wire and
 * `executions` on the flat one whatever the api-version says, because clients mix them (clients 4.1).
 * Letter case, repeated and trailing slashes do not matter.
 *
 * @throws ServiceError `unsupportedRequest`, `pathMalformed`, `unknownApiVersion`, `apiVersionMissing`,
 *   `queryInvalid`, `filePathInvalid`, `fileNameInvalid`
 */
export function routeBuiltIn(request: BuiltInRequest): Operation {
  const { query, strict, containerType, path } = request;
  const version = readApiVersion(query, { strict });
  const segments = pathSegments(path);
  const method = request.method.toUpperCase();
  const route = findRoute(method, segments, query, version);
  if (route === undefined) throw new ServiceError("unsupportedRequest", { method, path: path.slice(0, 200) });
  // The spring-2024 clients never sent a version; everything else needs one.
  const versionless = !version.given && route.dialect === "G0";
  if (strict && !version.given && !versionless) throw new ServiceError("apiVersionMissing");
  const note = versionless ? undefined : version.note;
  return { ...route, apiVersion: version.text, containerType, ...(note === undefined ? {} : { note }) };
}

function findRoute(
  method: string,
  segments: string[],
  query: URLSearchParams,
  version: ApiVersion,
): Route | undefined {
  const [first = "", second] = segments;
  const words = segments.map((segment) => segment.toLowerCase()).join("/");
  const flat = flatDialect(version);
  if (first.toLowerCase() === "files") return fileRoute(method, segments.slice(1), query, version);
  if (first.toLowerCase() === "python") return springRoute(method, words, query);
  switch (`${method} ${words}`) {
    case "POST code/execute":
      return { kind: "execute", dialect: "G1" };
    case "POST execute":
      return { kind: "execute", dialect: "G0" };
    case "POST executions":
      return { kind: "execute", dialect: flat };
    case "GET session":
      return { kind: "getSession", dialect: flat };
    case "DELETE session":
      return { kind: "deleteSession", dialect: flat };
    case "GET listsessions":
      return { kind: "listSessions", dialect: flat, skip: skipOf(query) };
    case "GET metadata":
      return { kind: "metadata", dialect: flat };
  }
  if (
    method === "GET" &&
    first.toLowerCase() === "executions" &&
    second !== undefined &&
    segments.length === 2
  ) {
    return { kind: "getExecution", dialect: flat, executionId: second };
  }
  return undefined;
}

/** Routes of the undocumented wire of spring 2024 (clients 2.1). */
function springRoute(method: string, words: string, query: URLSearchParams): Route | undefined {
  const path = queryValue(query, "path");
  switch (`${method} ${words}`) {
    case "POST python/execute":
      return { kind: "execute", dialect: "G0" };
    case "POST python/uploadfile":
      return { kind: "upload", dialect: "G0", directory: directoryOf(path) };
    case "GET python/files":
      return { kind: "list", dialect: "G0", directory: directoryOf(path), recursive: false };
    case "GET python/downloadfile":
      return { kind: "download", dialect: "G0", ...locateFile(queryValue(query, "filename") ?? "", path) };
    default:
      return undefined;
  }
}

/**
 * Routes below `files`. `files/content/x` is a download for G1, while for the flat wire `files/content` is a
 * file called `content` and `files/content/content` its content; the number of segments and the api-version
 * decide (clients 4.1).
 */
function fileRoute(
  method: string,
  rest: string[],
  query: URLSearchParams,
  version: ApiVersion,
): Route | undefined {
  const path = queryValue(query, "path");
  const flat = flatDialect(version);
  const dialect: Dialect = version.generation === "legacy" ? "G1" : flat;
  const locate = (segments: string[]) => locateFile(segments.join("/"), path);
  if (method === "POST") {
    if (rest.length === 0) return { kind: "upload", dialect: flat, directory: directoryOf(path) };
    if (rest.length === 1 && isWord(rest[0], "upload")) {
      return { kind: "upload", dialect: "G1", directory: directoryOf(path) };
    }
    return undefined;
  }
  if (method === "DELETE" && rest.length > 0) return { kind: "deleteFile", dialect, ...locate(rest) };
  if (method !== "GET") return undefined;
  if (rest.length === 0) {
    const recursive = dialect === "2025-10-02-preview" && isWord(queryValue(query, "recursive"), "true");
    return { kind: "list", dialect, directory: directoryOf(path), recursive };
  }
  if (rest.length > 1) {
    const startsWithContent = isWord(rest[0], "content");
    if (dialect === "G1" && startsWithContent) {
      return { kind: "download", dialect: "G1", ...locate(rest.slice(1)) };
    }
    if (isWord(rest.at(-1), "content"))
      return { kind: "download", dialect: flat, ...locate(rest.slice(0, -1)) };
    if (startsWithContent) return { kind: "download", dialect: "G1", ...locate(rest.slice(1)) };
  }
  return { kind: "fileMetadata", dialect, ...locate(rest) };
}

/** The flat wire's version for a route that only it has. */
function flatDialect(version: ApiVersion): Exclude<Dialect, "G0" | "G1"> {
  return version.generation === "legacy" ? FIRST_FLAT_VERSION : version.generation;
}

function isWord(text: string | undefined, word: string): boolean {
  return text?.toLowerCase() === word;
}
