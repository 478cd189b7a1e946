import express, { type RequestHandler } from "express";
import { RequestError } from "./errors.js";

/** Longest request body; code of 11 MB and more must run (byoc 7.2). */
const BODY_LIMIT = "128mb";

const readText = express.text({ type: () => true, limit: BODY_LIMIT, defaultCharset: "utf-8" });

/**
 * JSON bodies whatever their announced type: several clients announce none, or a wrong one. `req.body` is
 * `undefined` for an empty body, which Express's own JSON parser would make `{}`.
 *
 * @throws RequestError 400 for a body that is no JSON
 */
export const jsonBody: RequestHandler = (req, res, next) => {
  readText(req, res, (error?: unknown) => {
    if (error !== undefined && error !== null) return next(error);
    try {
      req.body = parsed(req.body);
    } catch (wrong) {
      return next(wrong);
    }
    next();
  });
};

function parsed(text: unknown): unknown {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, `error unmarshaling JSON: ${(error as Error).message}. Send a JSON object.`);
  }
}
