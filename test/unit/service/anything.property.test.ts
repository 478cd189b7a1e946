import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BuiltInContainerType,
  isManagementPath,
  isSessionScoped,
  parseExecution,
  parseJsonBody,
  readExecution,
  readFileEntries,
  renderError,
  renderExecution,
  requireCustomIdentifier,
  requireIdentifier,
  routeBuiltIn,
  routeManagement,
  ServiceError,
  toInterpreterExecution,
  toInterpreterFile,
  uploadName,
} from "../../../src/service/index.js";

const containerType = fc.constantFrom<BuiltInContainerType>("PythonLTS", "NodeLTS", "Shell");
const method = fc.constantFrom("GET", "POST", "DELETE", "PUT", "HEAD", "PATCH", "get", "\u0000");
const anyText = fc.string({ unit: "binary", maxLength: 40 });
const segment = fc.oneof(
  fc.constantFrom(
    "code",
    "execute",
    "executions",
    "files",
    "content",
    "upload",
    "session",
    "listSessions",
    "metadata",
    "python",
    "downloadFile",
    ".management",
    "stopSession",
    "..",
    "%2e%2e",
    "%2F",
    "%25",
    "%",
    "%ff",
    "",
  ),
  anyText,
  anyText.map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "x"))),
);
const path = fc.oneof(
  fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join("/")}`),
  anyText,
);
const query = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom("api-version", "identifier", "path", "skip", "recursive", "filename"),
        anyText,
      ),
      fc.oneof(
        fc.constantFrom("2024-02-02-preview", "2024-10-02-preview", "2025-10-02-preview", "user"),
        anyText,
      ),
    ),
    { maxLength: 5 },
  )
  .map((pairs) => new URLSearchParams(pairs));
const members = fc.constantFrom(
  "code",
  "CODE",
  "pythonCode",
  "properties",
  "identifier",
  "codeInputType",
  "executionType",
  "timeoutInSeconds",
  "outputStreamsMaxLength",
  "shellCommand",
  "execCommandAndArgs",
  "stdin",
  "__proto__",
);
const leaf = fc.oneof(
  fc.constantFrom("inline", "InlineBase64", "Asynchronous", "", "MQ=="),
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
);
const { body } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof({ maxDepth: 3 }, leaf, fc.dictionary(members, fc.oneof(leaf, tie("body")), { maxKeys: 6 })),
}));

/** Runs an action; a ServiceError must render to an error answer, anything else thrown fails the test. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const answer = renderError(error, { traceId: "trace" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers["x-emulator-hint"]).toMatch(/^[\x20-\x7e]*$/);
    return undefined;
  }
}

/** The same for input of a caller, who must never be told that the server failed. */
function attemptAsCaller<Result>(action: () => Result): Result | undefined {
  return attempt(() => {
    try {
      return action();
    } catch (error) {
      if (error instanceof ServiceError) expect(error.status).toBeLessThan(500);
      throw error;
    }
  });
}

const runs = { numRuns: 1000 };

describe("whatever a caller sends is an operation or a refusal of the catalogue", () => {
  test("routes", () => {
    fc.assert(
      fc.property(
        method,
        path,
        query,
        containerType,
        fc.boolean(),
        (verb, where, parameters, type, strict) => {
          const request = { method: verb, path: where, query: parameters, containerType: type, strict };
          const operation = attemptAsCaller(() => routeBuiltIn(request));
          if (operation === undefined) return;
          if (isSessionScoped(operation)) attemptAsCaller(() => requireIdentifier(parameters));
          if ("directory" in operation) {
            const { url } = toInterpreterFile(operation, { identifier: "user" });
            const decoded = decodeURIComponent(url.split("?")[0] ?? "").split("/");
            expect(decoded).not.toContain("..");
            expect(operation.directory.split("/")).not.toContain("..");
            expect(operation.directory).not.toMatch(/^\/|\/$/);
          }
        },
      ),
      runs,
    );
  });

  test("routes of custom pools", () => {
    fc.assert(
      fc.property(method, path, query, fc.boolean(), (verb, where, parameters, strict) => {
        attemptAsCaller(() => isManagementPath(where));
        attemptAsCaller(() => routeManagement({ method: verb, path: where, query: parameters, strict }));
        attemptAsCaller(() => requireCustomIdentifier(parameters));
      }),
      runs,
    );
  });

  test("bodies", () => {
    const route = fc.constantFrom("/code/execute", "/python/execute", "/executions");
    const version = fc.constantFrom(
      "2024-02-02-preview",
      "2024-10-02-preview",
      "2025-02-02-preview",
      "2025-10-02-preview",
    );
    fc.assert(
      fc.property(body, containerType, route, version, (value, type, where, text) => {
        const operation = routeBuiltIn({
          method: "POST",
          path: where,
          query: new URLSearchParams({ "api-version": text }),
          containerType: type,
          strict: true,
        });
        if (operation.kind !== "execute") throw new Error(operation.kind);
        attemptAsCaller(() => requireIdentifier(new URLSearchParams(), value));
        const request = attemptAsCaller(() => parseExecution(operation, value));
        if (request === undefined) return;
        expect(request.timeoutInSeconds).toBeGreaterThan(0);
        expect(request.timeoutInSeconds).toBeLessThanOrEqual(220);
        const asked = toInterpreterExecution(request, { identifier: "user", executionId: "id" });
        expect(JSON.parse(asked.body ?? "")).toBeTypeOf("object");
      }),
      runs,
    );
  });

  test("text that may be JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: "binary" })), (text) => {
        attemptAsCaller(() => parseJsonBody(text));
      }),
      runs,
    );
  });

  test("file names", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const kept = attemptAsCaller(() => uploadName(name));
        if (kept !== undefined) expect(kept).toMatch(/^(?!\.{1,2}$)[^/\\\0]+$/u);
      }),
      runs,
    );
  });
});

describe("whatever an interpreter answers is an answer or a refusal of the catalogue", () => {
  const state = fc.constantFrom("Succeeded", "Failed", "Running", "NotStarted", "Canceled");
  const told = fc.record({
    status: fc.oneof(fc.constantFrom(200, 202, 404), fc.integer({ min: 100, max: 599 })),
    body: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .record(
          {
            status: state,
            id: leaf,
            exitCode: leaf,
            errorName: leaf,
            result: fc.oneof(
              leaf,
              fc.record({
                stdout: leaf,
                stderr: leaf,
                executionResult: leaf,
                executionTimeInMilliseconds: leaf,
              }),
            ),
            rawResult: fc.oneof(leaf, fc.record({ error_name: leaf, error_stack_trace: leaf })),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    ),
  });

  test("executions", () => {
    fc.assert(
      fc.property(told, containerType, (answer, type) => {
        const operation = routeBuiltIn({
          method: "POST",
          path: "/executions",
          query: new URLSearchParams({ "api-version": "2025-10-02-preview" }),
          containerType: type,
          strict: true,
        });
        if (operation.kind !== "execute") throw new Error(operation.kind);
        const request = parseExecution(operation, { code: "1", shellCommand: "ls" });
        const context = { identifier: "user", executionId: "id", poolUrl: "http://pool" };
        const outcome = attempt(() => readExecution(answer, request, context));
        if (outcome === undefined) return;
        const { result } = JSON.parse(renderExecution(operation, request, outcome, context).body ?? "");
        expect(result.stdout).toBeTypeOf("string");
        expect(result.stderr).toBeTypeOf("string");
        expect(result.executionTimeInMilliseconds).toBeGreaterThanOrEqual(0);
        attempt(() => readExecution(answer, undefined, context));
      }),
      runs,
    );
  });

  test("files", () => {
    const operation = routeBuiltIn({
      method: "GET",
      path: "/files",
      query: new URLSearchParams(),
      containerType: "PythonLTS",
      strict: false,
    });
    if (operation.kind !== "list") throw new Error(operation.kind);
    fc.assert(
      fc.property(told, (answer) => {
        attempt(() => readFileEntries(answer, operation, { identifier: "user" }));
      }),
      runs,
    );
  });
});
