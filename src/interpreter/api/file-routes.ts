import type { Readable } from "node:stream";
import { type Request, type Response, Router } from "express";
import { readFileUpload } from "../../multipart/index.js";
import type { Settings } from "../config/settings.js";
import type { FileEntry } from "../files/entry.js";
import { FileError } from "../files/errors.js";
import type { FileStore, ReceivedFile } from "../files/store.js";
import { apiVersionOf, type Dialect, dialectFor, LEGACY_DIALECT, queryText } from "./dialect.js";
import { sendFile } from "./download.js";
import { sendMessage } from "./errors.js";
import { fileBody, listBody, metadataBody, uploadBody } from "./file-body.js";

const DELETED = "file deleted successfully";
const CONTENT = "/content";

/** The files API in all its generations (byoc 3.1, 3.6). */
export function fileRoutes(store: FileStore, settings: Settings): Router {
  const router = Router();
  const limitBytes = settings.file.spec.fileOperation.maxUploadFileSizeLimitInMBs * 1024 * 1024;
  const dialectOf = (req: Request) => dialectFor(apiVersionOf(req), settings.dialect);
  const pathOf = (req: Request) => queryText(req, "path");

  async function upload(req: Request, res: Response, path: string | undefined, dialect: Dialect) {
    const received: ReceivedFile[] = [];
    const onFile = async (name: string, stream: Readable) => {
      const file = await store.receive(path, name, stream);
      received.push(file);
      return file;
    };
    try {
      const entries: FileEntry[] = [];
      // Kept only when the whole form has turned out well, so that a refused request leaves nothing.
      for (const file of await readFileUpload(req, { limitBytes, onFile })) entries.push(await file.keep());
      res.json(uploadBody(entries, dialect));
    } finally {
      await Promise.all(received.map((file) => file.discard()));
    }
  }

  async function list(req: Request, res: Response, path: string | undefined, dialect: Dialect) {
    const recursive = queryText(req, "recursive")?.toLowerCase() === "true";
    res.json(listBody(await store.list(path, recursive), dialect));
  }

  async function download(req: Request, res: Response, name: string) {
    await sendFile(req, res, await store.open(pathOf(req), name));
  }

  async function remove(req: Request, res: Response, name: string, dialect: Dialect) {
    await store.delete(pathOf(req), name);
    // The recording shows a content type even on the empty answer (recordings D4).
    if (dialect.deleteMessage) sendMessage(res, 200, DELETED, dialect);
    else res.status(204).setHeader("Content-Type", "application/json").end();
  }

  async function get(req: Request, res: Response) {
    const dialect = dialectOf(req);
    const rest = restOf(req, "/files/");
    if (rest === "") return list(req, res, pathOf(req), dialect);
    const named = withoutContentPrefix(rest);
    if (named !== undefined && (dialect.contentPrefix || !(await exists(req, rest)))) {
      return download(req, res, named);
    }
    if (rest.endsWith(CONTENT)) return download(req, res, rest.slice(0, -CONTENT.length));
    res.json(metadataBody(await store.metadata(pathOf(req), rest), dialect));
  }

  async function exists(req: Request, name: string): Promise<boolean> {
    const plain = name.endsWith(CONTENT) ? name.slice(0, -CONTENT.length) : name;
    return store.metadata(pathOf(req), plain).then(
      () => true,
      () => false,
    );
  }

  // Only the old API has this path, so that without a version it is the old API that is spoken.
  router.post("/files/upload", (req, res) =>
    upload(req, res, pathOf(req), apiVersionOf(req) === undefined ? LEGACY_DIALECT : dialectOf(req)),
  );
  router.post("/files", (req, res) => upload(req, res, pathOf(req), dialectOf(req)));
  router.get("/files", (req, res) => list(req, res, pathOf(req), dialectOf(req)));
  router.get("/files/*rest", get);
  router.delete("/files/*rest", (req, res) => remove(req, res, restOf(req, "/files/"), dialectOf(req)));

  router.post(["/upload", "/upload/*rest"], (req, res) =>
    upload(req, res, restOf(req, "/upload/") || pathOf(req), LEGACY_DIALECT),
  );
  router.get(["/listfiles", "/listfiles/*rest"], (req, res) =>
    list(req, res, restOf(req, "/listfiles/") || pathOf(req), LEGACY_DIALECT),
  );
  router.get("/download/*rest", (req, res) => download(req, res, restOf(req, "/download/")));
  router.get("/get/*rest", async (req, res) => {
    res.json(fileBody(await store.metadata(pathOf(req), restOf(req, "/get/")), LEGACY_DIALECT));
  });
  router.delete("/delete/*rest", (req, res) => remove(req, res, restOf(req, "/delete/"), LEGACY_DIALECT));

  return router;
}

/** What follows a prefix in the path, decoded. The router's own parameters would lose double slashes. */
function restOf(req: Request, prefix: string): string {
  if (!req.path.toLowerCase().startsWith(prefix)) return "";
  try {
    return decodeURIComponent(req.path.slice(prefix.length));
  } catch {
    throw new FileError("invalid", "the file name in the URL is not valid percent-encoding");
  }
}

/** Name in `content/{name}` and `content/{name}/content`, the old download paths (recordings D5). */
function withoutContentPrefix(rest: string): string | undefined {
  if (!rest.startsWith("content/")) return undefined;
  const name = rest.slice("content/".length);
  return name.endsWith(CONTENT) && name.length > CONTENT.length
    ? name.slice(0, -CONTENT.length)
    : name || undefined;
}
