import { randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { Ask } from "./row.js";

/** An interpreter that can be asked: directly, or behind a pool. */
export interface Target {
  /** Address without a trailing slash. */
  url: string;
  /** Whether it is this project's image, whose answers are pinned. */
  isOurs: boolean;
  /** Sent as `Authorization: Bearer …`, for a pool that wants one. */
  token?: string | undefined;
}

/** An answer as it came. */
export interface Received {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

const ANSWER_WITHIN_MS = 120_000;

/** Sends one request with its path untouched: `fetch` would resolve `..` and `%2e` before sending. */
export function send(target: Target, identifier: string, ask: Ask): Promise<Received> {
  const base = new URL(target.url);
  const query = [ask.query, `identifier=${encodeURIComponent(identifier)}`].filter(Boolean).join("&");
  const { body, contentType } = bodyOf(ask);
  const headers = {
    ...(contentType === undefined ? {} : { "content-type": contentType }),
    ...(Buffer.isBuffer(body) ? { "content-length": String(body.length) } : {}),
    ...(target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }),
    ...ask.headers,
  };
  const options = {
    method: ask.method ?? (body === undefined ? "GET" : "POST"),
    path: `${base.pathname.replace(/\/+$/, "")}${ask.path}?${query}`,
    headers,
    timeout: ANSWER_WITHIN_MS,
  };
  const { request } = base.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const sending = request(base, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        });
      });
    });
    sending.on("timeout", () => sending.destroy(new Error(`no answer to ${options.method} ${ask.path}`)));
    sending.on("error", reject);
    if (body === undefined || Buffer.isBuffer(body)) sending.end(body);
    else body.on("error", reject).pipe(sending);
  });
}

function bodyOf(ask: Ask): { body?: Buffer | Readable; contentType?: string } {
  if (ask.json !== undefined) {
    return { body: Buffer.from(JSON.stringify(ask.json)), contentType: "application/json" };
  }
  if (ask.raw instanceof Readable) return { body: ask.raw };
  if (ask.raw !== undefined) return { body: Buffer.from(ask.raw) };
  if (ask.files === undefined) return {};
  const boundary = `----conformance-${randomBytes(8).toString("hex")}`;
  const parts = ask.files.map(
    ({ name, content, field = "file" }) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\n` +
      `Content-Type: application/octet-stream\r\n\r\n${content}\r\n`,
  );
  return {
    body: Buffer.from(`${parts.join("")}--${boundary}--\r\n`),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}
