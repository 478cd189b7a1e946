import {
  type BuiltInContainerType,
  type ExecutionRequest,
  parseExecution,
  readExecution,
  renderExecution,
  routeBuiltIn,
} from "../../../src/service/index.js";

export const V24 = "2024-10-02-preview";
export const V25 = "2025-10-02-preview";
export const context = {
  identifier: "user-1234",
  executionId: "emulator-id",
  poolUrl: "http://localhost:4380/pools/p",
};

export function executeOperation(
  version: string,
  path = "/executions",
  containerType: BuiltInContainerType = "PythonLTS",
) {
  const query = new URLSearchParams({ "api-version": version });
  const operation = routeBuiltIn({ method: "POST", path, query, containerType, strict: false });
  if (operation.kind !== "execute") throw new Error(operation.kind);
  return operation;
}

export function parse(
  body: unknown,
  version = V25,
  path = "/executions",
  containerType: BuiltInContainerType = "PythonLTS",
) {
  return parseExecution(executeOperation(version, path, containerType), body);
}

export function answer(
  told: { status: number; body: string },
  request: ExecutionRequest,
  version = V25,
  path = "/executions",
) {
  const outcome = readExecution(told, request, context);
  return renderExecution(executeOperation(version, path), request, outcome, context);
}
