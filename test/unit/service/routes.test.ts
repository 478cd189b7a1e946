import { describe, expect, test } from "vitest";
import {
  allocatesSession,
  type BuiltInContainerType,
  isManagementPath,
  type Operation,
  routeBuiltIn,
  routeManagement,
} from "../../../src/service/index.js";
import { refusal } from "./refusal.js";

function route(
  line: string,
  options: { strict?: boolean; containerType?: BuiltInContainerType } = {},
): Operation {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query = ""] = target.split("?");
  return routeBuiltIn({
    method,
    path,
    query: new URLSearchParams(query),
    containerType: options.containerType ?? "PythonLTS",
    strict: options.strict ?? false,
  });
}

const G1 = "api-version=2024-02-02-preview";
const FLAT = "api-version=2024-10-02-preview";
const NEW = "api-version=2025-10-02-preview";

describe("the route decides before the api-version", () => {
  test.each([
    [`POST /code/execute?${NEW}`, { kind: "execute", dialect: "G1" }],
    [`POST /python/execute?${G1}`, { kind: "execute", dialect: "G0" }],
    ["POST /python/execute", { kind: "execute", dialect: "G0" }],
    ["POST /execute", { kind: "execute", dialect: "G0" }],
    [`POST /executions?${G1}`, { kind: "execute", dialect: "2024-10-02-preview" }],
    [`POST /executions?${NEW}`, { kind: "execute", dialect: "2025-10-02-preview" }],
    [`GET /executions/a%20b?${NEW}`, { kind: "getExecution", executionId: "a b" }],
    [`DELETE /session?${G1}`, { kind: "deleteSession", dialect: "2024-10-02-preview" }],
    [`GET /session?${NEW}`, { kind: "getSession" }],
    [`GET /listSessions?${NEW}&skip=300`, { kind: "listSessions", skip: 300 }],
    [`GET /metadata?${NEW}`, { kind: "metadata", dialect: "2025-10-02-preview" }],
    [`POST /files/upload?${NEW}`, { kind: "upload", dialect: "G1", directory: "" }],
    [`POST /files?${G1}`, { kind: "upload", dialect: "2024-10-02-preview" }],
    ["POST /python/uploadFile", { kind: "upload", dialect: "G0" }],
    ["GET /python/files", { kind: "list", dialect: "G0" }],
    ["GET /python/downloadFile?fileName=/mnt/data/a.txt", { kind: "download", directory: "", name: "a.txt" }],
  ])("%s", (line, operation) => {
    expect(route(line)).toMatchObject(operation);
  });
});

describe("files/content is read by generation and number of segments", () => {
  test.each([
    [`GET /files/content/x?${G1}`, { kind: "download", dialect: "G1", directory: "", name: "x" }],
    [`GET /files/content/a/b?${G1}`, { kind: "download", directory: "a", name: "b" }],
    [`GET /files/content/a%2Fb?${G1}`, { kind: "download", directory: "a", name: "b" }],
    [`GET /files/content/content?${G1}`, { kind: "download", dialect: "G1", name: "content" }],
    [`GET /files/content?${G1}`, { kind: "fileMetadata", dialect: "G1", name: "content" }],
    [`GET /files/content?${FLAT}`, { kind: "fileMetadata", name: "content" }],
    [
      `GET /files/content/content?${FLAT}`,
      { kind: "download", dialect: "2024-10-02-preview", name: "content" },
    ],
    [`GET /files/content/x/content?${FLAT}`, { kind: "download", directory: "content", name: "x" }],
    [`GET /files/content/x?${FLAT}`, { kind: "download", dialect: "G1", directory: "", name: "x" }],
    [`GET /files/x/content?${G1}`, { kind: "download", dialect: "2024-10-02-preview", name: "x" }],
    [`DELETE /files/content/x?${FLAT}`, { kind: "deleteFile", directory: "content", name: "x" }],
  ])("%s", (line, operation) => {
    expect(route(line)).toMatchObject(operation);
  });
});

describe("spelling", () => {
  test.each([
    [`POST //code/execute/?${G1}`, { kind: "execute" }],
    [`post /Code/EXECUTE?API-Version=2024-02-02-PREVIEW`, { kind: "execute", dialect: "G1" }],
    [`GET //FILES//?${FLAT}&path=/`, { kind: "list", directory: "" }],
    [`GET /files?${FLAT}&path=/mnt/data`, { kind: "list", directory: "" }],
    [`GET /files?${FLAT}&path=/mnt/data/sub/`, { kind: "list", directory: "sub" }],
    [`GET /files?${FLAT}&path=.`, { kind: "list", directory: "" }],
    [`GET /files/Straße%20ü.txt/content?${FLAT}`, { kind: "download", name: "Straße ü.txt" }],
    [`GET /files//mnt/user/x/content?${FLAT}`, { kind: "download", directory: "mnt/user", name: "x" }],
    [`GET /files//mnt/data/x/content?${FLAT}`, { kind: "download", directory: "", name: "x" }],
    [`GET /files/a%252Fb?${FLAT}`, { kind: "fileMetadata", directory: "", name: "a%2Fb" }],
    [`GET /files/x.txt?${FLAT}&path=a/b`, { kind: "fileMetadata", directory: "a/b", name: "x.txt" }],
    [`GET /files/fig[1]+.png?${FLAT}`, { kind: "fileMetadata", name: "fig[1]+.png" }],
    [`GET /files?${NEW}&recursive=True`, { kind: "list", recursive: true }],
    [`GET /files?${FLAT}&recursive=true`, { kind: "list", recursive: false }],
  ])("%s", (line, operation) => {
    expect(route(line)).toMatchObject(operation);
  });
});

describe("refusals", () => {
  test.each([
    [`GET /code/execute?${G1}`, "SessionRequestNotSupported"],
    [`GET /nothing?${G1}`, "SessionRequestNotSupported"],
    [`GET /?${G1}`, "SessionRequestNotSupported"],
    [`POST /.management/stopSession?${NEW}`, "SessionRequestNotSupported"],
    [`GET /files/%E0%A4%A?${FLAT}`, "SessionRequestValidationFailed"],
    [`GET /files/..?${FLAT}`, "FileNameInvalid"],
    [`GET /files/a%00b?${FLAT}`, "FileNameInvalid"],
    [`GET /files/%2e%2e%2fetc%2fpasswd?${FLAT}`, "FilePathInvalid"],
    [`GET /files?${FLAT}&path=../etc`, "FilePathInvalid"],
    [`GET /files?${FLAT}&path=.hidden`, "FilePathInvalid"],
    [`GET /listSessions?${NEW}&skip=-1`, "SessionRequestValidationFailed"],
    ["GET /python/downloadFile", "FileNameInvalid"],
  ])("%s", (line, code) => {
    const error = refusal(() => route(line));
    expect(error.status).toBe(400);
    expect(error.entry.code).toBe(code);
  });
});

describe("api-version", () => {
  test("unknown: read as the newest, with a note", () => {
    expect(route("POST /executions?api-version=2031-01-01")).toMatchObject({
      dialect: "2025-10-02-preview",
      apiVersion: "2031-01-01",
      note: expect.stringContaining("2031-01-01"),
    });
  });

  test("absent: read as the newest, with a note", () => {
    expect(route("GET /files")).toMatchObject({ dialect: "2025-10-02-preview", note: expect.any(String) });
  });

  test("known: no note", () => {
    expect(route(`GET /files?${FLAT}`)).not.toHaveProperty("note");
  });

  test("strict: unknown is 401, absent is 400 but for the spring-2024 routes", () => {
    const strict = { strict: true };
    expect(refusal(() => route("POST /executions?api-version=2031-01-01", strict)).status).toBe(401);
    expect(refusal(() => route("POST /executions", strict)).status).toBe(400);
    expect(route("POST /python/execute", strict).kind).toBe("execute");
  });
});

test("looking at sessions creates none", () => {
  const looking = [
    `GET /session?${NEW}`,
    `DELETE /session?${NEW}`,
    `GET /listSessions?${NEW}`,
    `GET /metadata?${NEW}`,
  ];
  for (const line of looking) expect(allocatesSession(route(line)), line).toBe(false);
  for (const line of [`GET /files?${NEW}`, `POST /executions?${NEW}`, `GET /files/x?${NEW}`]) {
    expect(allocatesSession(route(line)), line).toBe(true);
  }
});

describe("calls below /.management/", () => {
  const manage = (method: string, path: string, query = "identifier=some-user") =>
    routeManagement({ method, path, query: new URLSearchParams(query), strict: false });

  test.each(["/.management/stopSession", "//.Management//STOPSESSION/", "/%2Emanagement/stopsession"])(
    "%s",
    (path) => {
      expect(isManagementPath(path)).toBe(true);
      expect(manage("POST", path)).toEqual({ kind: "stopSession", identifier: "some-user" });
    },
  );

  test.each(["/", "/health", "/x/.management/stopSession", "/.managements"])("%s is forwarded", (path) => {
    expect(isManagementPath(path)).toBe(false);
  });

  test.each([
    ["GET", "/.management/getSession", "identifier=some-user", "SessionRequestNotSupported"],
    ["POST", "/.management/other", "identifier=some-user", "SessionRequestNotSupported"],
    ["POST", "/.management", "identifier=some-user", "SessionRequestNotSupported"],
    ["POST", "/.management/getSession", "", "SessionRequestValidationFailed"],
    ["POST", "/.management/getSession", "identifier=abc", "InvalidLengthOfSessionIdentifier"],
    ["POST", "/.management/listSessions", "skip=x", "SessionRequestValidationFailed"],
  ])("%s %s?%s is refused", (method, path, query, code) => {
    const error = refusal(() => manage(method, path, query));
    expect([error.status, error.entry.code]).toEqual([400, code]);
  });
});
