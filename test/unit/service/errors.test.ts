import { describe, expect, test } from "vitest";
import {
  type CatalogueEntry,
  ERROR_CATALOGUE,
  renderError,
  requireCustomIdentifier,
  requireIdentifier,
  ServiceError,
} from "../../../src/service/index.js";
import { refusal } from "./refusal.js";

const trace = { traceId: "00-trace-00" };

describe("body shapes", () => {
  test("nested: code, message, target, traceId, and the code as header", () => {
    const { status, headers, body } = renderError(new ServiceError("identifierLength", { length: 1 }), trace);
    expect(status).toBe(400);
    expect(headers["x-ms-error-code"]).toBe("InvalidLengthOfSessionIdentifier");
    expect(Object.keys(JSON.parse(body ?? "").error)).toEqual(["code", "message", "target", "traceId"]);
  });

  test("flat: E27", () => {
    const { status, body } = renderError(new ServiceError("sessionsLimit", { active: 5, maximum: 5 }), trace);
    expect(status).toBe(429);
    expect(body).toBe(
      `{"code":"SessionsCountExceedsLimit","message":"The request sessions count is '1'. There are already '5' active sessions and the maximum active sessions count is '5'."}`,
    );
  });

  test("text: E18", () => {
    const parameters = { identifier: "user", pool: "mine", active: 3, maximum: 3 };
    const answer = renderError(new ServiceError("customPoolFull", parameters), trace);
    expect(answer).toMatchObject({
      status: 429,
      body: "Error happened when allocating pod for identifier user in pool mine",
    });
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
  });

  test("a failed start tells its cause", () => {
    const parameters = { identifier: "user", pool: "mine", cause: "image 'x' does not exist" };
    const answer = renderError(new ServiceError("customAllocationFailed", parameters), trace);
    expect(answer.body).toContain("for identifier user in pool mine: image 'x' does not exist");
    expect(answer.headers["x-emulator-hint"]).toBe("image 'x' does not exist");
  });

  test("problem: errors by member", () => {
    const { headers, body } = renderError(new ServiceError("identifierMissing"), trace);
    expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(JSON.parse(body ?? "")).toMatchObject({
      status: 400,
      errors: { identifier: ["The identifier field is required."] },
      traceId: "00-trace-00",
    });
  });

  test.each(["unauthorized", "forbidden"] as const)("empty: %s has no body but a hint", (name) => {
    const { headers, body } = renderError(new ServiceError(name, { reason: "the token is expired" }), trace);
    expect(body).toBeUndefined();
    expect(headers["x-emulator-hint"]).toContain("the token is expired");
  });
});

describe("the catalogue", () => {
  const entries = Object.entries(ERROR_CATALOGUE) as [keyof typeof ERROR_CATALOGUE, CatalogueEntry][];

  test.each(entries)("%s says what to do and can be written to the wire", (name, entry) => {
    const anything: Record<string, string> = new Proxy({}, { get: () => "VALUE", has: () => true });
    const make = ServiceError as unknown as new (
      kind: string,
      values: Record<string, string>,
    ) => ServiceError;
    const { status, headers, body } = renderError(new make(name, anything), trace);
    expect(status).toBe(entry.status);
    expect(headers["x-emulator-hint"]).toMatch(/^[\x20-\x7e]+$/);
    expect(headers["x-emulator-hint"]?.length).toBeGreaterThan(4);
    expect(body ?? "").not.toMatch(/\{\w+\}/);
    expect(body === undefined).toBe(entry.shape === "empty");
    expect(["nested", "flat"].includes(entry.shape)).toBe(entry.code !== undefined);
  });

  test("a hint in any language and of any length is one short line of ASCII", () => {
    const cause = `Zürich\r\nx-injected: 1\n${"long ".repeat(900)}`;
    const parameters = { identifier: "user", pool: "mine", cause };
    const hint = renderError(new ServiceError("allocationFailed", parameters), trace).headers[
      "x-emulator-hint"
    ];
    expect(hint).toMatch(/^Z\?rich x-injected: 1 long/);
    expect(hint?.length).toBeLessThanOrEqual(1000);
  });

  test("braces in what the caller sent are not taken for parameters", () => {
    const error = new ServiceError("fileNameInvalid", { name: "{name}{{x}}$&" });
    expect(error.message).toContain("File Name '{name}{{x}}$&' is invalid");
  });
});

describe("identifiers", () => {
  const inQuery = (identifier: string) => new URLSearchParams({ identifier });

  test.each([
    "default",
    "abcd",
    "a".repeat(128),
    "user@example.com:a/b",
    "a[b]{c}|<d>;e'\"f`~!%^&*()=+?,.\\".slice(0, -1),
  ])("%s is accepted", (identifier) => {
    expect(requireIdentifier(inQuery(identifier))).toBe(identifier);
    expect(requireCustomIdentifier(inQuery(identifier))).toBe(identifier);
  });

  test.each([
    ["abc", "InvalidLengthOfSessionIdentifier"],
    ["a".repeat(129), "InvalidLengthOfSessionIdentifier"],
    ["with space", "SessionRequestValidationFailed"],
    ["naïve", "SessionRequestValidationFailed"],
    ["back\\slash", "SessionRequestValidationFailed"],
    ["line\nbreak", "SessionRequestValidationFailed"],
  ])("%j is refused", (identifier, code) => {
    for (const require of [requireIdentifier, requireCustomIdentifier]) {
      expect(refusal(() => require(inQuery(identifier))).entry.code).toBe(code);
    }
  });

  test("the query wins over the body; the body serves when the query has none", () => {
    const none = new URLSearchParams();
    expect(requireIdentifier(inQuery("from-query"), { identifier: "from-body" })).toBe("from-query");
    expect(requireIdentifier(none, { properties: { identifier: "from-body" } })).toBe("from-body");
    expect(requireIdentifier(none, { identifier: "from-body" })).toBe("from-body");
    expect(requireIdentifier(new URLSearchParams({ Identifier: "from-query" }))).toBe("from-query");
  });

  test("missing: a problem document for built-in pools, a nested error for custom ones", () => {
    const none = new URLSearchParams({ identifier: "" });
    expect(refusal(() => requireIdentifier(none, { identifier: 5 })).entry.shape).toBe("problem");
    expect(refusal(() => requireCustomIdentifier(none)).entry).toMatchObject({
      shape: "nested",
      code: "SessionRequestValidationFailed",
    });
  });
});
