import { pipeline } from "node:stream/promises";
import { readSingleFileUpload, singleFileBody, UploadError } from "../../multipart/index.js";
import {
  downloadHead,
  fileError,
  type InterpreterAnswer,
  type OperationOf,
  readFileEntries,
  readFileEntry,
  renderDeletedFile,
  renderFileMetadata,
  renderList,
  renderUpload,
  requireIdentifier,
  ServiceError,
  toInterpreterFile,
  UPLOAD_LIMIT_BYTES,
  uploadName,
  type WireAnswer,
} from "../../service/index.js";
import type { Exchange } from "../exchange.js";
import { inSession } from "./in-session.js";
import { callInterpreter, readAnswer } from "./interpreter-call.js";

type FileOperation = OperationOf<"upload" | "list" | "fileMetadata" | "download" | "deleteFile">;

/**
 * Streams an upload into the session, in whatever multipart dialect it comes (clients 2.6), re-sent in the one
 * that every interpreter understands. Nothing of a file that is too large or breaks off is kept.
 */
export async function upload(exchange: Exchange, operation: OperationOf<"upload">): Promise<WireAnswer> {
  const identifier = requireIdentifier(exchange.query);
  try {
    const answer = await readSingleFileUpload(exchange.req, {
      limitBytes: UPLOAD_LIMIT_BYTES,
      onFile: (name, stream, contentType) => {
        const form = singleFileBody(uploadName(name), stream, { contentType });
        return inSession(exchange, identifier, { onlyReads: false }, async (lease) => {
          const request = toInterpreterFile(operation, { identifier });
          const headers = { ...request.headers, ...form.headers };
          const sent = { ...request, headers };
          return readAnswer(await callInterpreter(lease.instance.endpoint, sent, { body: form.body }));
        });
      },
    });
    return renderUpload(operation, readFileEntry(answer, operation, { identifier }));
  } catch (error) {
    throw error instanceof UploadError ? asServiceError(error) : error;
  }
}

/** Lists a directory. */
export async function list(exchange: Exchange, operation: OperationOf<"list">): Promise<WireAnswer> {
  const { answer, identifier } = await ask(exchange, operation);
  return renderList(operation, readFileEntries(answer, operation, { identifier }));
}

/** Describes one file. */
export async function fileMetadata(
  exchange: Exchange,
  operation: OperationOf<"fileMetadata">,
): Promise<WireAnswer> {
  const { answer, identifier } = await ask(exchange, operation);
  return renderFileMetadata(operation, readFileEntry(answer, operation, { identifier }));
}

/** Deletes one file. */
export async function deleteFile(
  exchange: Exchange,
  operation: OperationOf<"deleteFile">,
): Promise<WireAnswer> {
  const { answer, identifier } = await ask(exchange, operation);
  if (answer.status >= 400) throw fileError(answer, operation, { identifier });
  return renderDeletedFile();
}

/** Streams a file out of the session; `common` are the headers of every answer of the plane. */
export async function download(
  exchange: Exchange,
  operation: OperationOf<"download">,
  common: Record<string, string>,
): Promise<void> {
  const identifier = requireIdentifier(exchange.query);
  await inSession(exchange, identifier, { onlyReads: true }, async (lease) => {
    const message = await callInterpreter(
      lease.instance.endpoint,
      toInterpreterFile(operation, { identifier }),
    );
    if ((message.statusCode ?? 0) >= 300) {
      throw fileError(await readAnswer(message), operation, { identifier });
    }
    const length = message.headers["content-length"];
    const head = downloadHead(length === undefined ? undefined : Number(length));
    exchange.res.writeHead(head.status, { ...common, ...head.headers });
    // A file that breaks off cuts the caller's connection; a caller that leaves ends the transfer.
    await pipeline(message, exchange.res).catch(() => exchange.res.destroy());
  });
}

async function ask(
  exchange: Exchange,
  operation: FileOperation,
): Promise<{ answer: InterpreterAnswer; identifier: string }> {
  const identifier = requireIdentifier(exchange.query);
  const request = toInterpreterFile(operation, { identifier });
  const onlyReads = operation.kind !== "deleteFile";
  const answer = await inSession(exchange, identifier, { onlyReads }, async ({ instance }) =>
    readAnswer(await callInterpreter(instance.endpoint, request)),
  );
  return { answer, identifier };
}

function asServiceError(error: UploadError): ServiceError {
  switch (error.problem) {
    case "tooLarge":
      return new ServiceError("bodyTooLarge", { limit: UPLOAD_LIMIT_BYTES });
    case "noFile":
      return new ServiceError("fileMissing");
    case "badName":
    case "notMultipart":
    case "malformed":
    case "severalFiles":
    case "aborted":
      return new ServiceError("multipartMalformed", { reason: error.message });
  }
}
