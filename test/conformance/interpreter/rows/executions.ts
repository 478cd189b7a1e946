import { expect } from "vitest";
import type { Row } from "../row.js";
import {
  failed2024,
  finished2024,
  finished2026,
  raw,
  UUID,
  V2024_08,
  V2024_10,
  V2025_02,
  V2025_10,
} from "../shapes.js";

const CODE = 'print("hi")';
const base64 = (text: string) => Buffer.from(text).toString("base64");
const run = (json: Record<string, unknown>, query = V2024_10) => ({ path: "/executions", query, json });
const printed = (stdout: string) => ({ status: 202, json: finished2024({ stdout }) });
/** Answers of the versions without `rawResult`, and with the later status. */
const printedOtherwise = (stdout: string) => [
  { status: 202, json: finished2026({ stdout }) },
  { status: 200, json: finished2024({ stdout }) },
  { status: 200, json: finished2026({ stdout }) },
  { status: 200, json: finished2026({ stdout, value: null }) },
];

/** Endpoints that run code (byoc 3.1), and the status and shape of each version (byoc 3.3, 3.7). */
const endpoints: Row[] = [
  {
    id: "byoc 3.1 run code, ancestor",
    ask: { path: "/execute", json: { code: CODE } },
    ours: {
      status: 200,
      json: { ...raw({ stdout: "hi\n", operationId: UUID }), status: "Succeeded" },
    },
    others: [{ status: 200, json: expect.objectContaining({ hresult: 0, stdout: "hi\n", result: "" }) }],
  },
  {
    id: "byoc 3.1 run code, 2024-08",
    ask: { path: "/code/execute", query: V2024_08, json: { properties: { code: CODE } } },
    ours: {
      status: 202,
      json: {
        properties: {
          $id: UUID,
          status: "Success",
          stdout: "hi\n",
          stderr: "",
          executionResult: "",
          executionTimeInMilliseconds: expect.any(Number),
        },
      },
    },
    // Not listed any more in 2026 (byoc 9.11).
    others: [{ status: 404 }, { status: 405 }],
  },
  {
    id: "byoc 3.1 run code, 2024-10; byoc 3.7 status 202",
    ask: run({ code: CODE }),
    ours: printed("hi\n"),
    others: printedOtherwise("hi\n"),
  },
  {
    id: "byoc 3.7 status 200 from 2025-02",
    ask: run({ code: CODE }, V2025_02),
    ours: { status: 200, json: finished2024({ stdout: "hi\n" }) },
    others: [printed("hi\n"), ...printedOtherwise("hi\n")],
  },
  {
    id: "byoc 3.7 status 200 from 2025-10",
    ask: run({ code: CODE }, V2025_10),
    ours: { status: 200, json: finished2024({ stdout: "hi\n" }) },
    others: [printed("hi\n"), ...printedOtherwise("hi\n")],
  },
  {
    id: "byoc 3.1 run code, 2026; byoc 3.7 no value is null",
    ask: run({ code: CODE }, ""),
    ours: { status: 200, json: finished2026({ stdout: "hi\n", value: null }) },
    others: [printed("hi\n"), ...printedOtherwise("hi\n")],
  },
  {
    id: "byoc 3.2 a version that nobody knows counts as the newest",
    ask: run({ code: CODE }, "api-version=2031-01-01"),
    ours: {
      status: 200,
      json: expect.objectContaining({ result: finished2026({ stdout: "hi\n" }).result }),
    },
    others: [printed("hi\n"), ...printedOtherwise("hi\n"), { status: 400 }],
  },
];

/** Request members (byoc 3.2). */
const fields: Row[] = [
  ...["Inline", "inline", "InlineText", "inlinetext", "INLINE"].map(
    (codeInputType): Row => ({
      id: `byoc 3.2 codeInputType ${codeInputType}`,
      ask: run({ code: CODE, codeInputType }),
      ours: printed("hi\n"),
      others: printedOtherwise("hi\n"),
    }),
  ),
  ...["InlineBase64", "inlinebase64"].map(
    (codeInputType): Row => ({
      id: `byoc 3.2 codeInputType ${codeInputType}`,
      ask: run({ code: base64('print("grüß")'), codeInputType }),
      ours: printed("grüß\n"),
      others: printedOtherwise("grüß\n"),
    }),
  ),
  ...["Synchronous", "synchronous", "SYNCHRONOUS"].map(
    (executionType): Row => ({
      id: `byoc 3.2 executionType ${executionType}, echoed`,
      ask: run({ code: CODE, executionType }),
      ours: { status: 202, json: finished2024({ stdout: "hi\n", executionType }) },
      others: printedOtherwise("hi\n"),
    }),
  ),
  {
    id: "byoc 3.2 the wrapper of older versions",
    ask: run({ properties: { code: CODE, codeInputType: "inline", executionType: "synchronous" } }),
    ours: printed("hi\n"),
    others: [...printedOtherwise("hi\n"), { status: 400 }],
  },
  {
    id: "byoc 3.2 pythonCode",
    ask: run({ properties: { pythonCode: CODE, codeInputType: "Inline" } }),
    ours: printed("hi\n"),
    others: [{ status: 400 }],
  },
  {
    id: "byoc 3.2 identifier in the body: the query wins",
    ask: run({ code: CODE, identifier: "another" }),
    ours: printed("hi\n"),
    others: printedOtherwise("hi\n"),
  },
  {
    id: "byoc 3.2 enableEgress and networkStatus are accepted",
    ask: run({ code: CODE, enableEgress: true, networkStatus: "EgressEnabled" }),
    ours: printed("hi\n"),
    others: printedOtherwise("hi\n"),
  },
  {
    id: "byoc 3.2 null members count as absent",
    ask: run({ code: CODE, codeInputType: null, executionType: null, timeoutInSeconds: null }),
    ours: printed("hi\n"),
    others: [...printedOtherwise("hi\n"), { status: 400 }],
  },
  {
    id: "byoc 3.2 useEmptyKernel where there is only one kernel",
    ask: run({ code: CODE, useEmptyKernel: true }),
    ours: printed("hi\n"),
    others: printedOtherwise("hi\n"),
  },
  {
    id: "byoc 3.2 returnJupyterFormatExecutionResult",
    ask: run({ code: "1+1", returnJupyterFormatExecutionResult: true }),
    ours: {
      status: 202,
      json: expect.objectContaining({
        result: expect.objectContaining({ executionResult: { "text/plain": "2" } }),
      }),
    },
    others: [{ status: 200 }, { status: 202 }],
  },
  {
    id: "byoc 3.2 outputStreamsMaxLength cuts both streams",
    ask: run({
      code: "import sys; print('x' * 50); print('y' * 50, file=sys.stderr)",
      outputStreamsMaxLength: 10,
    }),
    ours: { status: 202, json: finished2024({ stdout: "x".repeat(10), stderr: "y".repeat(10) }) },
    others: [{ status: 202 }, { status: 200 }],
  },
  {
    id: "byoc 3.2 standardMsgLength, its older name",
    ask: run({ code: "print('x' * 50)", standardMsgLength: 10 }),
    ours: printed("x".repeat(10)),
    others: [{ status: 202 }, { status: 200 }],
  },
  {
    id: "byoc 3.2 outputStreamsMaxLength is 4096 by default",
    ask: run({ code: "print('x' * 10000)" }),
    ours: printed("x".repeat(4096)),
    others: [
      { status: 202, text: /"stdout": ?"x{1000,4096}(\.\.\.)?"/ },
      { status: 200, text: /"stdout": ?"x{1000,4096}(\.\.\.)?"/ },
    ],
  },
  {
    id: "byoc 3.2 outputStreamsMaxLength above the default",
    ask: run({ code: "print('x' * 10000)", outputStreamsMaxLength: 20_000 }),
    ours: printed(`${"x".repeat(10_000)}\n`),
    others: [{ status: 202 }, { status: 200 }],
  },
  {
    id: "byoc 3.2 timeoutInSeconds",
    ask: run({ code: "import time\ntime.sleep(60)", timeoutInSeconds: 1 }),
    ours: {
      status: 202,
      json: failed2024({
        name: "Timeout",
        stderr: expect.stringMatching(/timed out/i),
        hresult: -2147205110,
      }),
    },
    others: [
      { status: 202, text: /timeout|timed out/i },
      { status: 200, text: /timeout|timed out/i },
    ],
  },
  {
    id: "byoc 3.2 the operation-id header chooses the id",
    ask: { ...run({ code: CODE }), headers: { "operation-id": "chosen-{dir}" } },
    ours: { status: 202, json: finished2024({ stdout: "hi\n", id: "chosen-{dir}" }) },
    others: printedOtherwise("hi\n"),
  },
  {
    id: "byoc 3.2 a content type that is not JSON's",
    ask: {
      ...run({}),
      json: undefined,
      raw: JSON.stringify({ code: CODE }),
      headers: { "content-type": "text/plain" },
    },
    ours: printed("hi\n"),
    others: [...printedOtherwise("hi\n"), { status: 415 }, { status: 400 }],
  },
];

export const executions: Row[] = [...endpoints, ...fields];
