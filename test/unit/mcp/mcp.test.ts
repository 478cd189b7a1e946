import { describe, expect, it } from "vitest";
import { answerMcp, type McpPool } from "../../../src/service/mcp.js";
import { ServiceError } from "../../../src/service/service-error.js";

const ENVIRONMENT = "7f9c0a6e-1c3b-4f52-9d0f-0a4f3f5b7a11";

function poolOf(given: Partial<McpPool> = {}): McpPool & { ran: unknown[] } {
  const ran: unknown[] = [];
  return {
    containerType: "PythonLTS",
    version: "9.9.9",
    newEnvironmentId: () => ENVIRONMENT,
    run: async (environmentId, request) => {
      ran.push({ environmentId, ...request });
      return { state: "Succeeded", stdout: "hi\n", stderr: "", value: 3, duration: 5, timedOut: false };
    },
    onRequest: () => undefined,
    ran,
    ...given,
  };
}

async function post(body: unknown, pool: McpPool = poolOf()) {
  const { status, body: text } = await answerMcp(
    typeof body === "string" ? body : JSON.stringify(body),
    pool,
  );
  return { status, body: text === undefined ? undefined : JSON.parse(text) };
}

function call(name: unknown, args?: unknown) {
  return { jsonrpc: "2.0", id: "3", method: "tools/call", params: { name, arguments: args } };
}

describe("initialize", () => {
  it("works without parameters, as the documentation's samples call it", async () => {
    const { status, body } = await post({ jsonrpc: "2.0", id: "1", method: "initialize" });
    expect(status).toBe(200);
    expect(body).toEqual({
      jsonrpc: "2.0",
      id: "1",
      result: {
        protocolVersion: "2025-03-26",
        capabilities: { tools: { call: true, list: true } },
        serverInfo: { name: "Microsoft Container Apps MCP Server", version: "9.9.9" },
      },
    });
  });

  it.each([
    ["2025-03-26", "2025-03-26"],
    ["2025-06-18", "2025-06-18"],
    ["2024-11-05", "2025-03-26"],
    [17, "2025-03-26"],
  ])("a client that wants %j gets %s", async (wanted, given) => {
    const params = { protocolVersion: wanted };
    const { body } = await post({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    expect(body.result.protocolVersion).toBe(given);
  });
});

describe("messages", () => {
  it("a notification is accepted without an answer", async () => {
    expect(await post({ jsonrpc: "2.0", method: "notifications/initialized" })).toEqual({ status: 202 });
  });

  it("ping is answered", async () => {
    expect((await post({ jsonrpc: "2.0", id: 0, method: "ping" })).body).toEqual({
      jsonrpc: "2.0",
      id: 0,
      result: {},
    });
  });

  it("a batch is answered as a batch, without its notifications", async () => {
    const { status, body } = await post([
      { jsonrpc: "2.0", id: "a", method: "ping" },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: "b", method: "nothing" },
    ]);
    expect(status).toBe(200);
    expect(body.map(({ id }: { id: string }) => id)).toEqual(["a", "b"]);
    expect(body[1].error.code).toBe(-32601);
  });

  it.each([
    ["{", 400, -32700, null],
    ["", 400, -32700, null],
    ["[]", 400, -32600, null],
    ["1", 400, -32600, null],
    [{ id: "7", method: "ping" }, 400, -32600, "7"],
    [{ jsonrpc: "2.0", id: null, method: "ping" }, 400, -32600, null],
    [{ jsonrpc: "2.0", id: 4, method: 5 }, 400, -32600, 4],
    [{ jsonrpc: "2.0", id: 4, method: "resources/list" }, 200, -32601, 4],
  ])("%j is refused", async (body, status, code, id) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ jsonrpc: "2.0", id, error: { code } });
    expect(answer.body.error.message).not.toBe("");
  });

  it("a batch of any size does not become an answer of any size", async () => {
    const { status, body } = await post(Array(101).fill({ jsonrpc: "2.0", id: 1, method: "ping" }));
    expect(status).toBe(400);
    expect(body.error.message).toContain("at most 100");
  });
});

describe("tools", () => {
  it.each([
    ["PythonLTS", ["launchPythonEnvironment", "runPythonCodeInRemoteEnvironment"]],
    ["Shell", ["launchShell", "runShellCommandInRemoteEnvironment"]],
    ["NodeLTS", ["launchNodeEnvironment", "runNodeCodeInRemoteEnvironment"]],
  ] as const)("of a %s pool", async (containerType, names) => {
    const request = { jsonrpc: "2.0", id: 2, method: "tools/list" };
    const { tools } = (await post(request, poolOf({ containerType }))).body.result;
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(names);
    for (const tool of tools) expect(tool.inputSchema.type).toBe("object");
    const marked = JSON.stringify(tools).includes("extension of the emulator");
    expect(marked).toBe(containerType === "NodeLTS");
  });

  it.each(["launchPythonEnvironment", "launchShell"])(
    "%s names an environment and starts nothing",
    async (name) => {
      const pool = poolOf();
      const { result } = (await post(call(name, {}), pool)).body;
      expect(result.structuredContent).toEqual({ environmentId: ENVIRONMENT });
      expect(result.isError).toBe(false);
      expect(pool.ran).toEqual([]);
    },
  );

  it("a run gives its output as structure and as text", async () => {
    const pool = poolOf();
    const args = { environmentId: ENVIRONMENT, pythonCode: "print('hi')" };
    const { result } = (await post(call("runPythonCodeInRemoteEnvironment", args), pool)).body;
    expect(pool.ran).toMatchObject([{ environmentId: ENVIRONMENT, code: "print('hi')" }]);
    expect(result.structuredContent).toMatchObject({ stdout: "hi\n", stderr: "", executionResult: 3 });
    expect(result.content).toEqual([{ type: "text", text: JSON.stringify(result.structuredContent) }]);
    expect(result.isError).toBe(false);
  });

  it("a shell takes a command line or a program with arguments", async () => {
    const run = async (): ReturnType<McpPool["run"]> => {
      return {
        state: "Failed",
        stdout: "",
        stderr: "no\n",
        value: undefined,
        duration: 1,
        exitCode: 2,
        timedOut: false,
      };
    };
    const pool = poolOf({ containerType: "Shell", run });
    for (const program of [{ shellCommand: "ls" }, { execCommandAndArgs: ["ls", "-l"] }]) {
      const args = { environmentId: ENVIRONMENT, ...program };
      const { result } = (await post(call("runShellCommandInRemoteEnvironment", args), pool)).body;
      expect(result.structuredContent).toMatchObject({ stdout: "", stderr: "no\n", exitCode: 2 });
      expect(result.isError).toBe(true);
    }
  });

  it("a figure is a picture, and its text does not repeat it", async () => {
    const value = { type: "image", format: "png", base64_data: "iVBORw0KGgo=" };
    const run = async (): ReturnType<McpPool["run"]> => {
      return { state: "Succeeded", stdout: "", stderr: "", value, duration: 1, timedOut: false };
    };
    const args = { environmentId: ENVIRONMENT, pythonCode: "plot()" };
    const { result } = (await post(call("runPythonCodeInRemoteEnvironment", args), poolOf({ run }))).body;
    expect(result.content[1]).toEqual({ type: "image", data: "iVBORw0KGgo=", mimeType: "image/png" });
    expect(result.content[0].text).not.toContain("iVBORw0KGgo=");
    expect(result.structuredContent.executionResult).toEqual(value);
  });

  it.each([
    ["runPythonCodeInRemoteEnvironment", { environmentId: ENVIRONMENT }],
    ["runPythonCodeInRemoteEnvironment", { environmentId: ENVIRONMENT, pythonCode: 1 }],
    ["runPythonCodeInRemoteEnvironment", { environmentId: ENVIRONMENT, pythonCode: "\ud800" }],
    ["runPythonCodeInRemoteEnvironment", { environmentId: ENVIRONMENT, shellCommand: "ls" }],
    ["runPythonCodeInRemoteEnvironment", { pythonCode: "1" }],
    ["runPythonCodeInRemoteEnvironment", { environmentId: 5, pythonCode: "1" }],
    ["runPythonCodeInRemoteEnvironment", "1"],
    ["runPythonCodeInRemoteEnvironment", null],
    ["runShellCommandInRemoteEnvironment", { environmentId: ENVIRONMENT, shellCommand: "ls" }],
    [undefined, {}],
    ["constructor", {}],
  ])("%s with %j is refused as invalid parameters", async (name, args) => {
    const pool = poolOf();
    expect((await post(call(name, args), pool)).body.error.code).toBe(-32602);
    expect(pool.ran).toEqual([]);
  });

  it("an environment's id obeys the rule of identifiers", async () => {
    const args = { environmentId: "1", pythonCode: "1" };
    const { result } = (await post(call("runPythonCodeInRemoteEnvironment", args))).body;
    expect(result.isError).toBe(true);
    expect(result.content[0].text).toContain("InvalidLengthOfSessionIdentifier");
  });

  it("a full pool is an error of the tool, which a model can read", async () => {
    const run = async () => {
      throw new ServiceError("sessionsLimit", { active: 2, maximum: 2 });
    };
    const args = { environmentId: ENVIRONMENT, pythonCode: "1" };
    const { status, body } = await post(call("runPythonCodeInRemoteEnvironment", args), poolOf({ run }));
    expect(status).toBe(200);
    expect(body.result.isError).toBe(true);
    expect(body.result.content[0].text).toContain("SessionsCountExceedsLimit");
  });
});
