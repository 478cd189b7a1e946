import { expect } from "vitest";
import type { Ask, Row } from "../row.js";
import {
  file2024,
  finished2024,
  legacyFile,
  legacyMetadata,
  raw,
  TIME,
  UUID,
  V2024_08,
  V2024_10,
} from "../shapes.js";

const json = /^application\/json(; charset=utf-8)?$/;
const MARKDOWN = "text/markdown; charset=utf-8";
const readme = (size: number) => ({ name: "README.md", size, contentType: MARKDOWN });
const README = { name: "README.md", content: "# Read me\n" };
const D4: Ask = { path: "/files", query: `${V2024_10}&path=/mnt/data/{dir}`, files: [README] };
const D5: Ask = { path: "/upload", query: "path={dir}", files: [README] };
const flat = { identifier: "{identifier}", codeInputType: "inline", timeoutInSeconds: 100 };
const submitted: Ask = {
  path: "/executions",
  query: V2024_10,
  json: {
    ...flat,
    executionType: "Asynchronous",
    code: 'import time\ntime.sleep(0.3)\nprint("Hello from async code")',
  },
};

/** The exchanges that Microsoft's samples print of the image itself (recordings D). */
export const recordings: Row[] = [
  {
    id: "recordings D1",
    ask: {
      path: "/executions",
      query: V2024_10,
      json: { ...flat, executionType: "Synchronous", code: 'print("inline-synchronous")' },
    },
    ours: {
      status: 202,
      headers: { "content-type": json },
      json: finished2024({ stdout: "inline-synchronous\n", executionType: "Synchronous" }),
    },
    others: [
      { status: 202, json: finished2024({ stdout: "inline-synchronous\n", executionType: "synchronous" }) },
      { status: 200, text: /inline-synchronous/ },
    ],
  },
  {
    id: "recordings D2",
    ask: submitted,
    ours: {
      status: 202,
      headers: {
        "content-type": json,
        "operation-id": /^[0-9a-f-]{36}$/,
        "operation-location":
          /^\/executions\/[0-9a-f-]{36}\?api-version=2024-10-02-preview&identifier=[\w-]+$/,
      },
      json: {
        id: "{id}",
        identifier: "{identifier}",
        sessionId: "{identifier}",
        executionType: "Asynchronous",
        status: "Running",
        rawResult: {
          ...raw({ stdout: "{id}", result: null, operationId: "{id}" }),
          diagnosticInfo: expect.any(Object),
        },
      },
    },
    others: [
      { status: 202, text: /NotStarted|Running|Succeeded/ },
      { status: 200, text: /NotStarted|Running|Succeeded/ },
    ],
  },
  {
    id: "recordings D3",
    before: [submitted],
    ask: { path: "/executions/{id}", query: V2024_10 },
    untilEnded: true,
    ours: {
      status: 200,
      headers: { "content-type": json },
      json: {
        id: "{id}",
        identifier: "{identifier}",
        sessionId: "{identifier}",
        executionType: "Asynchronous",
        status: "Succeeded",
        result: {
          stdout: "Hello from async code\n",
          stderr: "",
          executionResult: "",
          executionTimeInMilliseconds: expect.any(Number),
        },
        rawResult: {
          ...raw({ operationId: "" }),
          diagnosticInfo: {
            executionRequestTimeInMilliSeconds: 0,
            executionProcessResponseTimeInMilliSeconds: 0,
            executionDuration: 0,
            identifier: "",
          },
        },
      },
    },
    others: [{ status: 200, text: /Hello from async code/ }],
  },
  {
    id: "recordings D4 upload",
    ask: D4,
    ours: { status: 200, headers: { "content-type": json }, json: file2024(readme(10)) },
    others: [{ status: 200, text: /README\.md/ }],
  },
  {
    id: "recordings D4 list",
    before: [D4],
    ask: { path: "/files", query: `${V2024_10}&path={dir}` },
    ours: { status: 200, json: { value: [file2024(readme(10))] } },
    others: [{ status: 200, text: /README\.md/ }],
  },
  {
    id: "recordings D4 get",
    before: [D4],
    ask: { path: "/files/README.md", query: `${V2024_10}&path={dir}` },
    ours: { status: 200, json: file2024(readme(10)) },
    others: [{ status: 200, text: /README\.md/ }],
  },
  {
    id: "recordings D4 delete",
    before: [D4],
    ask: { method: "DELETE", path: "/files/README.md", query: `${V2024_10}&path={dir}` },
    ours: { status: 204, text: "", headers: { "content-type": "application/json" } },
    others: [{ status: 204, text: "" }],
  },
  {
    id: "recordings D5 execute",
    ask: {
      path: "/code/execute",
      query: V2024_08,
      json: { properties: { ...flat, executionType: "Synchronous", code: 'print("inline-synchronous")' } },
    },
    ours: {
      status: 202,
      headers: {
        "operation-id": /^[0-9a-f-]{36}$/,
        "x-ms-container-execution-duration": /^\d+$/,
        "x-ms-execution-request-time": /^\d+\.\d{6}$/,
        "x-ms-overall-execution-time": /./,
        "x-ms-session-guid": /^[0-9a-f-]{36}$/,
      },
      json: {
        properties: {
          $id: UUID,
          status: "Success",
          stdout: "inline-synchronous\n",
          stderr: "",
          executionResult: "",
          executionTimeInMilliseconds: expect.any(Number),
        },
      },
    },
    others: [{ status: 202, text: /inline-synchronous/ }, { status: 404 }],
  },
  {
    id: "recordings D5 upload",
    ask: D5,
    ours: { status: 200, json: [legacyFile(readme(10))] },
    others: [{ status: 200, text: /README\.md/ }, { status: 404 }],
  },
  {
    id: "recordings D5 list",
    before: [D4],
    ask: { path: "/files", query: `${V2024_08}&path={dir}` },
    ours: {
      status: 200,
      json: [
        {
          name: "README.md",
          type: "file",
          filename: "README.md",
          size: 10,
          last_modified_time: TIME,
          mime_type: MARKDOWN,
        },
      ],
    },
    others: [{ status: 200, text: /README\.md/ }],
  },
  {
    id: "recordings D5 get",
    before: [D4],
    ask: { path: "/files/README.md", query: `${V2024_08}&path={dir}` },
    ours: { status: 200, json: legacyMetadata(readme(10)) },
    others: [{ status: 200, text: /README\.md/ }],
  },
  {
    id: "recordings D5 download",
    before: [D4],
    ask: { path: "/files/content/README.md/content", query: `${V2024_08}&path={dir}` },
    ours: {
      status: 200,
      text: README.content,
      headers: { "accept-ranges": "bytes", "content-type": MARKDOWN, "last-modified": /GMT$/ },
    },
    others: [{ status: 200, text: README.content }, { status: 404 }],
  },
  {
    id: "recordings D5 delete",
    before: [D4],
    ask: { method: "DELETE", path: "/files/README.md", query: `${V2024_08}&path={dir}` },
    ours: { status: 200, json: { message: "file deleted successfully" } },
    others: [{ status: 204 }],
  },
  {
    id: "recordings D5 health",
    ask: { path: "/health", query: V2024_08 },
    ours: { status: 200, json: { message: "healthy" } },
    others: [{ status: 200, json: "healthy" }],
  },
  ...(
    [
      ["print", 'print("Hello Earth")', { hresult: 0, result: "", stdout: "Hello Earth\n" }],
      ["value", "1+1", { hresult: 0, result: 2 }],
      [
        "error",
        'printf("Hello Earth")',
        {
          hresult: -2147205116,
          result: null,
          error_name: "NameError",
          error_message: expect.stringMatching(/^name 'printf' is not defined/),
          error_stack_trace: expect.stringMatching(/^.\[[\s\S]*NameError[\s\S]*printf/),
          stderr: "",
        },
      ],
      [
        "figure",
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()",
        {
          hresult: 0,
          result: {
            officepy_result: {
              type: "image",
              format: "png",
              base64_data: expect.stringMatching(/^iVBORw0KGgo/),
            },
          },
        },
      ],
    ] as const
  ).map(
    ([what, code, members]): Row => ({
      id: `recordings D7 ${what}`,
      ask: { path: "/execute", json: { code } },
      ours: {
        status: 200,
        json: { ...raw({ operationId: UUID }), status: expect.any(String), ...members },
      },
      others: [{ status: 200, text: /"hresult"/ }, { status: 404 }],
    }),
  ),
];
