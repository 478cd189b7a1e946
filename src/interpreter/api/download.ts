import { pipeline } from "node:stream/promises";
import type { Request, Response } from "express";
import type { OpenFile } from "../files/store.js";

/** Sends a file, or the one range that was asked for (byoc 3.6). Closes the file. */
export async function sendFile(req: Request, res: Response, file: OpenFile): Promise<void> {
  const { entry, handle, modifiedMs } = file;
  const size = entry.sizeInBytes;
  res.setHeader("Accept-Ranges", "bytes");
  res.setHeader("Last-Modified", new Date(modifiedMs).toUTCString());
  res.setHeader("Content-Type", entry.contentType);
  try {
    if (req.fresh) {
      res.status(304).end();
      return;
    }
    const range = rangeOf(req, res, size);
    if (range === "unsatisfiable") {
      res.status(416).setHeader("Content-Range", `bytes */${size}`);
      res.end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (range !== undefined) res.status(206).setHeader("Content-Range", `bytes ${start}-${end}/${size}`);
    res.setHeader("Content-Length", end - start + 1);
    if (req.method === "HEAD" || size === 0) res.end();
    else await pipeline(handle.createReadStream({ start, end, autoClose: false }), res);
  } catch (error) {
    // The client is gone, or the file shrank under the reader: the connection is all that is left to end.
    if (!res.headersSent) throw error;
    res.destroy();
  } finally {
    await handle.close();
  }
}

type Range = { start: number; end: number };

function rangeOf(req: Request, res: Response, size: number): Range | "unsatisfiable" | undefined {
  const condition = req.get("if-range");
  if (condition !== undefined && condition !== res.getHeader("Last-Modified")) return undefined;
  const ranges = req.range(size, { combine: true });
  if (ranges === -1) return "unsatisfiable";
  // A malformed header, another unit, or several ranges: the whole file is always a right answer.
  if (ranges === undefined || ranges === -2 || ranges.type !== "bytes" || ranges.length !== 1)
    return undefined;
  return ranges[0];
}
