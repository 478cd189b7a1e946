import type { ContainerType } from "../config/pool-config.js";
import type { Dialect } from "./api-version.js";
import type { FileLocation } from "./file-location.js";

/** Container types of built-in pools. */
export type BuiltInContainerType = Exclude<ContainerType, "CustomContainer">;

/** What every operation tells. */
export interface OperationBase {
  /** How the answer is shaped: the route decides first, the api-version second. */
  dialect: Dialect;
  /** The api-version as the caller wrote it, for links that lead back. */
  apiVersion: string;
  containerType: BuiltInContainerType;
  /** For the log: what was understood other than it was written. */
  note?: string;
}

/** One call to a built-in pool, understood. */
export type Operation = OperationBase &
  (
    | { kind: "execute" }
    | { kind: "getExecution"; executionId: string }
    | {
        kind: "upload";
        /** Directory below the data root, no slash at either end; `""` is the root itself. */
        directory: string;
      }
    | { kind: "list"; directory: string; recursive: boolean }
    | ({ kind: "fileMetadata" } & FileLocation)
    | ({ kind: "download" } & FileLocation)
    | ({ kind: "deleteFile" } & FileLocation)
    | { kind: "getSession" }
    | { kind: "deleteSession" }
    | {
        kind: "listSessions";
        /** How many sessions to leave out. */
        skip: number;
      }
    | { kind: "metadata" }
  );

export type OperationKind = Operation["kind"];

/** The operation of one kind. */
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>;

/** Kinds that need no identifier. */
export type PoolWideKind = "listSessions" | "metadata";

/** True when the operation names a session, so that `requireIdentifier` applies. */
export function isSessionScoped(
  operation: Operation,
): operation is OperationOf<Exclude<OperationKind, PoolWideKind>> {
  return operation.kind !== "listSessions" && operation.kind !== "metadata";
}

/**
 * True when the first request of an identifier creates its session. `GET` and `DELETE session` only look at
 * sessions that exist (api-reference 1).
 */
export function allocatesSession(operation: Operation): boolean {
  return isSessionScoped(operation) && operation.kind !== "getSession" && operation.kind !== "deleteSession";
}
