import { describe, expect, test } from "vitest";
import {
  commonHeaders,
  renderError,
  renderManagedSession,
  renderManagedSessionList,
  renderStoppedSession,
  routeManagement,
  ServiceError,
  timingHeaders,
} from "../../../src/service/index.js";
import { flatExchanges } from "../../conformance/recordings/built-in-flat.js";
import { legacyExchanges } from "../../conformance/recordings/built-in-legacy.js";
import { observedExchanges } from "../../conformance/recordings/built-in-observed.js";
import { documentedSession, managementExchanges } from "../../conformance/recordings/custom-pool.js";
import { EXECUTION_ID, replay } from "./replay.js";

describe("exchanges of built-in pools", () => {
  test.each([...legacyExchanges, ...flatExchanges, ...observedExchanges])("$id $title", (exchange) => {
    const { answer } = replay(exchange);
    const { status, body, contains, headers } = exchange.response;
    expect(answer.status).toBe(status);
    if (headers !== undefined) expect(answer.headers).toMatchObject(headers);
    if (contains !== undefined) {
      expect(JSON.parse(answer.body ?? "")).toMatchObject(contains as object);
    } else if (exchange.evidence === "recorded" || body !== undefined) {
      expect(answer.body).toBe(body);
    }
    if (status === 200 && headers === undefined) {
      expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    }
  });
});

describe("what the interpreter is asked", () => {
  const asked = (id: string) =>
    replay(
      [...legacyExchanges, ...flatExchanges, ...observedExchanges].find((each) => each.id === id) ??
        expect.unreachable(id),
    ).asked;

  test.each(["A1.1", "A3.1"])("%s becomes the documented flat execution", (id) => {
    const identifier = id === "A1.1" ? "testidentifier000005" : "testidentifier000003";
    expect(asked(id)).toEqual({
      method: "POST",
      url: `/executions?api-version=2025-10-02-preview&identifier=${identifier}`,
      headers: { "content-type": "application/json", "operation-id": EXECUTION_ID },
      body: '{"code":"print(\\"Hello world\\")","codeInputType":"Inline","executionType":"Synchronous","timeoutInSeconds":60}',
    });
  });

  test("F2 becomes a shell command, its time cut to the cap", () => {
    const request = asked("F2");
    expect(request?.url).toBe("/shellExecute?api-version=2025-10-02-preview&identifier=observed-session");
    expect(request?.body).toBe(
      '{"shellCommand":"echo Hello world!","timeoutInSeconds":220,"outputStreamsMaxLength":4096}',
    );
  });

  test.each([
    ["A1.2", "POST", "/files"],
    ["A1.3", "GET", "/files"],
    ["A1.4", "GET", "/files/cert.txt/content"],
    ["A1.5", "GET", "/files/cert.txt"],
    ["A1.6", "DELETE", "/files/cert.txt"],
  ])("%s becomes %s %s", (id, method, path) => {
    expect(asked(id)).toEqual({
      method,
      url: `${path}?api-version=2025-10-02-preview&identifier=testidentifier000005`,
      headers: {},
    });
  });
});

describe("exchanges of custom pools' own calls", () => {
  test.each(managementExchanges)("$id $title", ({ pool, request, exists, response, supersededBy }) => {
    const operation = routeManagement({
      method: "POST",
      path: request.path,
      query: new URLSearchParams(request.query),
      strict: true,
    });
    if (operation.kind !== "stopSession") expect.unreachable(operation.kind);
    const answer = exists
      ? renderStoppedSession({ identifier: operation.identifier, pool })
      : renderError(new ServiceError("stopSessionNotFound"), { traceId: "trace" });
    expect(answer.status).toBe(response.status);
    expect(answer.headers).toMatchObject(response.headers);
    const later = managementExchanges.find((each) => each.id === supersededBy);
    expect(answer.body).toBe(later === undefined ? response.body : later.response.body);
  });

  test("F1 getSession", () => {
    expect(renderManagedSession(documentedSession.session).body).toBe(documentedSession.body);
  });

  test("F1 listSessions: pages of 300, a link to the next one, null on the last", () => {
    const poolUrl = "https://my-pool.env-id.westus2.azurecontainerapps.io";
    const all = Array.from({ length: 302 }, (_, n) => ({
      ...documentedSession.session,
      identifier: `user-${n}`,
    }));
    const page = (skip: number) => {
      const query = new URLSearchParams({ skip: String(skip), "api-version": "2025-02-02-preview" });
      const path = "/.management/listSessions";
      const operation = routeManagement({ method: "POST", path, query, strict: true });
      if (operation.kind !== "listSessions") expect.unreachable(operation.kind);
      return JSON.parse(renderManagedSessionList(operation, all, poolUrl).body ?? "");
    };
    expect(page(0)).toMatchObject({
      count: 300,
      nextLink: "https://my-pool.env-id.westus2.azurecontainerapps.io/.management/listSessions?skip=300",
    });
    expect(page(0).value).toHaveLength(300);
    const last = page(300);
    expect(Object.keys(last)).toEqual(["value", "count", "nextLink"]);
    expect(last).toMatchObject({ count: 2, nextLink: null, value: [{ identifier: "user-300" }, {}] });
  });
});

describe("headers", () => {
  test("A1.1: timings as decimal milliseconds", () => {
    const timings = {
      allocation: 102.906,
      allocationRetries: 0,
      preparation: 5.4843,
      executionRequest: 7,
      executionReadResponse: 0.059_100_001,
      containerExecution: 9,
      overallExecution: 531.8473,
      totalExecutionService: 640.256,
    };
    const sessionGuid = "9c536fa1-f0f0-4dd8-acab-e60e03bccb49";
    expect(timingHeaders(timings, { sessionGuid, newAllocation: true })).toEqual({
      "x-ms-allocation-retries": "0",
      "x-ms-allocation-time": "102.906",
      "x-ms-container-execution-duration": "9",
      "x-ms-execution-read-response-time": "0.0591",
      "x-ms-execution-request-time": "7",
      "x-ms-new-allocation": "true",
      "x-ms-overall-execution-time": "531.8473",
      "x-ms-preparation-time": "5.4843",
      "x-ms-session-guid": sessionGuid,
      "x-ms-total-execution-service-time": "640.256",
    });
  });

  test("tiny and negative times are never written with an exponent or a sign", () => {
    const timings = {
      allocation: 0.000_000_1,
      allocationRetries: 0,
      preparation: -0.3,
      executionRequest: 0,
      executionReadResponse: 0.0001,
      containerExecution: 0,
      overallExecution: 0,
      totalExecutionService: 0,
    };
    const headers = timingHeaders(timings, { sessionGuid: "guid", newAllocation: false });
    expect(headers["x-ms-allocation-time"]).toBe("0");
    expect(headers["x-ms-preparation-time"]).toBe("0");
    expect(headers["x-ms-execution-read-response-time"]).toBe("0.0001");
  });

  test.each([
    ["G1", "2023-08-01-preview, 2024-02-02-preview"],
    ["2024-10-02-preview", "2024-10-02-preview"],
    ["2025-10-02-preview", "2025-02-02-preview, 2025-10-02-preview"],
  ] as const)("%s tells its supported versions", (dialect, versions) => {
    expect(commonHeaders({ dialect, correlationId: "guid" })).toMatchObject({
      "api-supported-versions": versions,
      "mise-correlation-id": "guid",
      server: "Microsoft-IIS/10.0",
      "x-powered-by": "ASP.NET",
    });
  });

  test("B5: the calls of a custom pool have their own", () => {
    expect(commonHeaders({ dialect: "management", correlationId: "guid" })).toEqual({
      server: "Kestrel",
      "api-supported-versions": "2025-02-02-preview",
    });
  });
});
