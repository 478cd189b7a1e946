import type { IncomingMessage } from "node:http";
import { type Readable, Transform } from "node:stream";
import type { Request, RequestHandler, Response } from "express";
import multer from "multer";
import { announceMultipart } from "./boundary.js";
import { UploadError } from "./errors.js";
import { decodeFileName } from "./file-name.js";

/** Name of the form field that carries a file (api-reference 5.1). */
export const FILE_FIELD = "file";

/** How to read an upload. */
export interface ReadUploadOptions<T> {
  /** Most bytes one file may have. A longer one makes `stream` fail, so nothing half-written is kept. */
  limitBytes: number;
  /** Refuse a second file part. Default false: every part named `file` is taken, one after the other. */
  single?: boolean;
  /**
   * Takes one file. Must read `stream` to its end and resolve then. `stream` fails (never just ends) when the
   * file is too long or the client goes away.
   */
  onFile(name: string, stream: Readable, contentType: string): Promise<T>;
}

/**
 * Streams the files of a multipart request to `onFile`, in every dialect of clients 2.6, and returns what
 * `onFile` returned for each. Text fields are ignored (api-reference 5.1).
 *
 * @throws UploadError when the body is no usable upload; whatever `onFile` throws, unchanged. By then every
 *   `onFile` has ended.
 */
export async function readFileUpload<T>(req: IncomingMessage, options: ReadUploadOptions<T>): Promise<T[]> {
  if (!(await announceMultipart(req))) {
    throw new UploadError(
      "notMultipart",
      `The body is not multipart/form-data. Send the file as a multipart form with a part named '${FILE_FIELD}'.`,
    );
  }
  const storage = new HandOver(options);
  try {
    await runMulter(storage, req);
  } catch (error) {
    await storage.abandon();
    throw error;
  }
  if (storage.results.length === 0) {
    const seen = storage.otherFields.map((name) => `'${name}'`).join(", ");
    throw new UploadError(
      "noFile",
      `The form has no file part named '${FILE_FIELD}'${seen ? ` (found ${seen})` : ""}. Name the part '${FILE_FIELD}' and give it a file name.`,
    );
  }
  return storage.results;
}

/**
 * Like `readFileUpload` for exactly one file.
 *
 * @throws UploadError as above, and `severalFiles` for a second part named `file`.
 */
export async function readSingleFileUpload<T>(
  req: IncomingMessage,
  options: Omit<ReadUploadOptions<T>, "single">,
): Promise<T> {
  const [result] = await readFileUpload(req, { ...options, single: true });
  return result as T;
}

/** multer storage that hands each file's stream over instead of keeping it. */
class HandOver<T> implements multer.StorageEngine {
  readonly results: T[] = [];
  readonly otherFields: string[] = [];
  private files = 0;
  /** Streams that receivers may still be reading, with the files' names. */
  private readonly open = new Map<Transform, string>();
  private readonly taken: Promise<T>[] = [];

  constructor(private readonly options: ReadUploadOptions<T>) {}

  _handleFile(req: Request, file: Express.Multer.File, callback: (error?: unknown) => void): void {
    if (file.fieldname !== FILE_FIELD) {
      this.otherFields.push(file.fieldname);
      file.stream.resume().on("end", () => callback());
      return;
    }
    // In the order of the parts, whichever is written first.
    const place = this.files;
    this.files += 1;
    const taking = this.take(req, file);
    this.taken.push(taking);
    taking.then((result) => {
      this.results[place] = result;
      callback();
    }, callback);
  }

  /** Fails the streams that are still being read, and waits until their receivers have dealt with that. */
  async abandon(): Promise<void> {
    for (const [stream, name] of this.open) stream.destroy(abortedBy(name));
    await Promise.allSettled(this.taken);
  }

  private async take(req: Request, file: Express.Multer.File): Promise<T> {
    if (this.options.single === true && this.files > 1) {
      file.stream.resume();
      throw new UploadError("severalFiles", "The form has more than one file. Upload one file per request.");
    }
    const name = decodeFileName(file.originalname, req.headers["user-agent"]);
    const limited = limitedTo(this.options.limitBytes, name);
    // The body may break off before the receiver listens; the receiver still finds the stream failed.
    limited.on("error", () => {});
    this.open.set(limited, name);
    const gone = () => limited.destroy(abortedBy(name));
    const onClose = () => {
      if (!req.complete) gone();
    };
    req.once("close", onClose);
    file.stream.once("error", gone);
    try {
      return await this.options.onFile(name, file.stream.pipe(limited), file.mimetype);
    } catch (error) {
      // What is left of this part must be read, or the parser never reaches the end of the request.
      file.stream.unpipe(limited);
      file.stream.resume();
      throw error;
    } finally {
      req.off("close", onClose);
      this.open.delete(limited);
    }
  }

  _removeFile(_req: Request, _file: Express.Multer.File, callback: (error: Error | null) => void): void {
    // Receivers discard their own incomplete files: they see the stream fail.
    callback(null);
  }
}

function limitedTo(limitBytes: number, name: string): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      seen += chunk.length;
      if (seen > limitBytes) callback(tooLarge(name, limitBytes));
      else callback(null, chunk);
    },
  });
}

function tooLarge(name: string, limitBytes: number): UploadError {
  const limit = `${Number((limitBytes / 1024 / 1024).toFixed(3))} MB`;
  return new UploadError(
    "tooLarge",
    `File '${name}' is larger than the limit of ${limit}. Upload a smaller file.`,
  );
}

function abortedBy(name: string): UploadError {
  return new UploadError("aborted", `The upload of '${name}' ended before the file was complete.`);
}

function runMulter(storage: multer.StorageEngine, req: IncomingMessage): Promise<void> {
  const middleware: RequestHandler = multer({
    storage,
    preservePath: true,
    defParamCharset: "utf8",
    limits: { fieldSize: 64 * 1024, fields: 100 },
  }).any();
  return new Promise((resolve, reject) => {
    // multer needs of its request only what every IncomingMessage has.
    middleware(req as Request, {} as Response, (error?: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(asUploadError(error));
    });
  });
}

/** The parser's own complaints in our words; errors of `onFile` pass unchanged. */
function asUploadError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UploadError) return error;
  if (error instanceof multer.MulterError) {
    return new UploadError("malformed", `The multipart form was refused: ${error.message}.`);
  }
  const fromParser =
    /^(Unexpected end of form|Malformed part header|Multipart: |Unsupported content type|Malformed content type|Request (aborted|closed))/;
  return fromParser.test(error.message)
    ? new UploadError(
        "malformed",
        `The multipart body is damaged (${error.message}). Check the boundary and the end of the body.`,
      )
    : error;
}
