import { expect } from "vitest";
import type { Answer, Row } from "../row.js";
import { failed2024, finished2024, finished2026, raw, V2024_08, V2024_10, V2025_10 } from "../shapes.js";

const SLOW = 'import time\ntime.sleep(0.3)\nprint("late")\n6 * 7';
const submit = (code: string, query = V2024_10) => ({
  path: "/executions",
  query,
  json: { code, executionType: "Asynchronous" },
});
const poll = (query = V2024_10) => ({ path: "/executions/{id}", query });
const announced = (version: string) => ({
  "operation-id": /^[0-9a-f-]{36}$/,
  "operation-location": new RegExp(`^(https?://[^/]+)?/executions/[0-9a-f-]{36}\\?.*${version}`),
});
/** Anything that says the run has been taken; a quick one may be over already (byoc 3.5). */
const taken: Answer[] = [200, 202].map((status) => ({
  status,
  text: /"status": ?"(NotStarted|Running|Succeeded)"/,
}));
const done = (value: unknown): Answer[] => [
  {
    status: 200,
    json: expect.objectContaining({
      status: "Succeeded",
      result: expect.objectContaining({ stdout: "late\n", executionResult: value }),
    }),
  },
];

/** Asynchronous executions (byoc 3.5). */
export const asynchronous: Row[] = [
  {
    id: "byoc 3.5 submit, 2024-10; byoc 3.7 Running",
    ask: submit(SLOW),
    ours: {
      status: 202,
      headers: announced("api-version=2024-10-02-preview&identifier="),
      json: {
        id: "{id}",
        identifier: "{identifier}",
        sessionId: "{identifier}",
        executionType: "Asynchronous",
        status: "Running",
        // The image's raw result carries the id where the output will be.
        rawResult: { ...raw({ stdout: "{id}", result: null, operationId: "{id}" }) },
      },
    },
    others: taken,
  },
  {
    id: "byoc 3.5 submit, 2026; byoc 3.7 NotStarted",
    ask: submit(SLOW, ""),
    ours: {
      status: 202,
      json: {
        id: "{id}",
        identifier: "{identifier}",
        executionType: "Asynchronous",
        status: "NotStarted",
        result: { stdout: "{id}", stderr: "", executionResult: null, executionTimeInMilliseconds: 0 },
      },
    },
    others: taken,
  },
  {
    id: "byoc 3.1 poll async, 2024-10",
    before: [submit(SLOW)],
    ask: poll(),
    untilEnded: true,
    ours: {
      status: 200,
      json: {
        ...finished2024({ stdout: "late\n", value: 42, id: "{id}", executionType: "Asynchronous" }),
        rawResult: expect.objectContaining({ hresult: 0, error_name: "" }),
      },
    },
    others: done(42),
  },
  {
    id: "byoc 3.1 poll async, 2026",
    before: [submit(SLOW, "")],
    ask: poll(""),
    untilEnded: true,
    ours: {
      status: 200,
      json: finished2026({ stdout: "late\n", value: 42, id: "{id}", executionType: "Asynchronous" }),
    },
    others: done(42),
  },
  {
    id: "byoc 3.1 poll async, 2025-10",
    before: [submit("None", V2025_10)],
    ask: poll(V2025_10),
    untilEnded: true,
    ours: {
      status: 200,
      json: expect.objectContaining({
        status: "Succeeded",
        result: expect.objectContaining({ executionResult: null }),
      }),
    },
    others: [{ status: 200, text: /"Succeeded"/ }],
  },
  {
    id: "byoc 3.5 a failed asynchronous run",
    before: [submit("1 / 0")],
    ask: poll(),
    untilEnded: true,
    ours: {
      status: 200,
      json: {
        ...failed2024({
          name: "ZeroDivisionError",
          stderr: expect.stringMatching(/ZeroDivisionError: division by zero\s*$/),
        }),
        executionType: "Asynchronous",
        rawResult: expect.any(Object),
      },
    },
    others: [{ status: 200, text: /Failed|ZeroDivisionError/ }],
  },
  {
    id: "byoc 3.2 executionType asynchronous in lower case",
    before: [{ ...submit("1"), json: { code: "1", executionType: "asynchronous" } }],
    ask: poll(),
    untilEnded: true,
    ours: {
      status: 200,
      json: expect.objectContaining({ executionType: "asynchronous", status: "Succeeded" }),
    },
    others: [{ status: 200, text: /"Succeeded"/ }],
  },
  {
    id: "byoc 3.2 operation-id of an asynchronous run",
    before: [{ ...submit("'mine'"), headers: { "operation-id": "mine-{dir}" } }],
    ask: { path: "/executions/mine-{dir}", query: V2024_10 },
    untilEnded: true,
    ours: {
      status: 200,
      json: expect.objectContaining({ result: expect.objectContaining({ executionResult: "mine" }) }),
    },
    others: [{ status: 200 }, { status: 404 }],
  },
  {
    id: "byoc 3.5 a finished synchronous run can be polled too",
    before: [{ path: "/executions", query: V2024_10, json: { code: "'kept'" } }],
    ask: poll(),
    ours: {
      status: 200,
      json: expect.objectContaining({ result: expect.objectContaining({ executionResult: "kept" }) }),
    },
    others: [{ status: 200 }, { status: 404 }],
  },
  {
    id: "byoc 3.4 an unknown execution, 2024-10",
    ask: { path: "/executions/0191-nobody", query: V2024_10 },
    ours: { status: 404, json: { message: "No execution available for operation Id: 0191-nobody" } },
    others: [{ status: 404 }],
  },
  {
    id: "byoc 3.4 an unknown execution, 2026",
    ask: { path: "/executions/0191-nobody" },
    ours: { status: 404, json: "No execution available for operation Id: 0191-nobody" },
    others: [{ status: 404 }],
  },
  {
    id: "byoc 3.5 submit in the dialect of 2024-08",
    ask: {
      path: "/code/execute",
      query: V2024_08,
      json: { properties: { code: "1", executionType: "Asynchronous" } },
    },
    ours: {
      status: 202,
      headers: { "operation-id": /./ },
      json: { properties: { $id: expect.any(String), status: "Running" } },
    },
    others: [{ status: 202 }, { status: 200 }, { status: 404 }, { status: 400 }],
  },
];
