import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { emulatorForTests, newIdentifier, sessionsOf, webPool } from "./support/emulator.js";

const emulator = emulatorForTests({
  pools: [
    { name: "python", containerType: "PythonLTS", maxConcurrentSessions: 3 },
    { name: "shell", containerType: "Shell" },
    { name: "node", containerType: "NodeLTS" },
    {
      name: "mine",
      containerType: "CustomContainer",
      image: "dynamic-sessions/python:latest",
      targetPort: 6000,
      isMcpServerEnabled: true,
    },
    webPool("web"),
  ],
});

const ARM_PATH = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/sessionPools";

/** A real client, connected. */
async function connected(pool: string, headers: Record<string, string> = { "x-ms-apikey": "any" }) {
  const client = new Client({ name: "test", version: "1" });
  const url = new URL(`${emulator.url}${ARM_PATH}/${pool}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }) as never);
  onTestFinished(() => client.close());
  return client;
}

interface ToolResult {
  structuredContent: Record<string, unknown>;
  content: { type: string; text?: string; data?: string; mimeType?: string }[];
  isError?: boolean;
}

async function callTool(client: Client, name: string, args: Record<string, unknown>): Promise<ToolResult> {
  return (await client.callTool({ name, arguments: args })) as unknown as ToolResult;
}

async function launched(client: Client, tool: string): Promise<string> {
  const { structuredContent } = await callTool(client, tool, {});
  expect(structuredContent.environmentId).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  return String(structuredContent.environmentId);
}

describe("a real client and a PythonLTS pool", () => {
  const run = "runPythonCodeInRemoteEnvironment";

  it("agrees on a version and finds the server, its tools and a ping", async () => {
    const client = await connected("python");
    expect(client.getServerVersion()?.name).toBe("Microsoft Container Apps MCP Server");
    expect(client.getServerCapabilities()).toHaveProperty("tools");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["launchPythonEnvironment", run]);
    await client.ping();
  });

  it("launches lazily, runs, keeps variables, and shares the session with the pool's own API", async () => {
    const client = await connected("python");
    const environmentId = await launched(client, "launchPythonEnvironment");
    expect((await sessionsOf(emulator, "python")).map(({ identifier }) => identifier)).not.toContain(
      environmentId,
    );

    const first = await callTool(client, run, { environmentId, pythonCode: "x = 41\nprint('hello')" });
    expect(first.structuredContent).toMatchObject({ stdout: "hello\n", stderr: "" });
    expect(first.isError).toBeFalsy();
    const second = await callTool(client, run, { environmentId, pythonCode: "x + 1" });
    expect(second.structuredContent.executionResult).toBe(42);

    const url = `${emulator.url}/pools/python/executions?api-version=2025-10-02-preview&identifier=${environmentId}`;
    const answer = await fetch(url, { method: "POST", body: JSON.stringify({ code: "x" }) });
    expect(await answer.json()).toMatchObject({ result: { executionResult: 41 } });
  });

  it("tells a failing program and shows a figure", async () => {
    const client = await connected("python", { authorization: "Bearer any" });
    const environmentId = await launched(client, "launchShell");
    const failed = await callTool(client, run, { environmentId, pythonCode: "1 / 0" });
    expect(failed.isError).toBe(true);
    expect(failed.structuredContent.stderr).toContain("ZeroDivisionError: division by zero");
    const pythonCode = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()";
    const figure = await callTool(client, run, { environmentId, pythonCode });
    const picture = figure.content.find(({ type }) => type === "image");
    expect(
      Buffer.from(picture?.data ?? "", "base64")
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG");
  });

  it("refuses what it does not know", async () => {
    const client = await connected("python", {});
    await expect(callTool(client, "runShellCommandInRemoteEnvironment", {})).rejects.toMatchObject({
      code: -32602,
    });
    await expect(callTool(client, run, { pythonCode: "1" })).rejects.toMatchObject({ code: -32602 });
    await expect(client.listResources()).rejects.toThrow();
    const refused = await callTool(client, run, { environmentId: "1", pythonCode: "1" });
    expect(refused.isError).toBe(true);
    expect(refused.content[0]?.text).toContain("InvalidLengthOfSessionIdentifier");
  });
});

it("a real client runs commands in a Shell pool", async () => {
  const client = await connected("shell");
  const environmentId = await launched(client, "launchShell");
  const run = (args: Record<string, unknown>) =>
    callTool(client, "runShellCommandInRemoteEnvironment", { environmentId, ...args });
  expect((await run({ shellCommand: "pwd; echo 1 > kept" })).structuredContent).toMatchObject({
    stdout: "/mnt/data\n",
    exitCode: 0,
  });
  expect((await run({ execCommandAndArgs: ["cat", "kept"] })).structuredContent.stdout).toBe("1\n");
  const failed = await run({ shellCommand: "exit 7" });
  expect(failed.structuredContent.exitCode).toBe(7);
  expect(failed.isError).toBe(true);
});

it("a real client runs JavaScript in a NodeLTS pool", async () => {
  const client = await connected("node");
  const environmentId = await launched(client, "launchNodeEnvironment");
  const args = { environmentId, nodeCode: "console.log([1, 2].map((n) => n * 2).join())" };
  const { structuredContent } = await callTool(client, "runNodeCodeInRemoteEnvironment", args);
  expect(structuredContent.stdout).toBe("2,4\n");
});

describe("plain HTTP, as the documentation's samples use it", () => {
  const mcp = () => `${emulator.url}/pools/python/MCP/`;

  it("initialize without parameters, notifications, batches", async () => {
    const post = (body: unknown) => fetch(mcp(), { method: "POST", body: JSON.stringify(body) });
    const initialized = await post({ jsonrpc: "2.0", id: "1", method: "initialize" });
    expect(initialized.headers.get("content-type")).toContain("application/json");
    expect(await initialized.json()).toMatchObject({ id: "1", result: { protocolVersion: "2025-03-26" } });
    const notified = await post({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect(notified.status).toBe(202);
    expect(await notified.text()).toBe("");
    const batch = await post([{ jsonrpc: "2.0", id: 1, method: "ping" }]);
    expect(await batch.json()).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
  });

  it.each(["GET", "DELETE", "PUT"])("%s is not allowed", async (method) => {
    const answer = await fetch(mcp(), { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
  });

  it("a body that is no JSON is a parse error", async () => {
    const answer = await fetch(mcp(), { method: "POST", body: "{" });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ id: null, error: { code: -32700 } });
  });
});

describe("a custom pool", () => {
  it("has tools when it says so", async () => {
    const client = await connected("mine");
    const environmentId = await launched(client, "launchEnvironment");
    const result = await callTool(client, "runCodeInRemoteEnvironment", {
      environmentId,
      code: "print(6 * 7)",
    });
    expect(result.structuredContent).toMatchObject({ stdout: "42\n", status: "Succeeded" });
  });

  it("has the path to itself when it does not", async () => {
    const url = `${emulator.url}/pools/web/mcp?identifier=${newIdentifier()}`;
    expect(await (await fetch(url, { method: "POST" })).text()).toBe("no such route");
  });
});
