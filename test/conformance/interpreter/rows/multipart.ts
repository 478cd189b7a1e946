import type { Row } from "../row.js";
import { file2024, message, V2024_10 } from "../shapes.js";

/** Ends of line, two hyphens, the boundary's own letter: everything but a boundary. */
const TRICKY = Buffer.from("\0\xff\r\n--\r\n-B--B\r--B--\n\r\n-", "latin1");
const FORM = "multipart/form-data; boundary=B";
const AIOHTTP = { "user-agent": "Python/3.12 aiohttp/3.9.5" };

const form = (lines: string[], boundary = "B") =>
  `--${boundary}\r\n${lines.join("\r\n")}\r\n\r\nhello\r\n--${boundary}--\r\n`;
const disposition = (name: string) => `Content-Disposition: form-data; name="file"; filename="${name}"`;

interface Dialect {
  /** What writes like this (clients 2.6). */
  stack: string;
  contentType?: string;
  body: string | Buffer;
  headers?: Record<string, string>;
  /** Name of the stored file. */
  name: string;
  size?: number;
}

const dialects: Dialect[] = [
  { stack: "requests", body: form([disposition("plain.txt")]), name: "plain.txt" },
  { stack: "requests, raw UTF-8 and a space", body: form([disposition("ü my.txt")]), name: "ü my.txt" },
  { stack: 'requests and fetch, " as %22', body: form([disposition("ü%22x.txt")]), name: 'ü"x.txt' },
  { stack: "requests, a slash kept", body: form([disposition("a/b.txt")]), name: "b.txt" },
  {
    stack: "requests, a percent sign of its own",
    body: form([disposition("my%20file.txt")]),
    name: "my%20file.txt",
  },
  { stack: "a path as some clients send it", body: form([disposition("/mnt/data/p.txt")]), name: "p.txt" },
  { stack: "a Windows path", body: form([disposition("C:\\tmp\\w.txt")]), name: "w.txt" },
  {
    stack: "az: no part content type, text after the end",
    body: `${form([disposition("az.txt")])}ignored`,
    name: "az.txt",
  },
  {
    stack: "undici: content type after the disposition",
    body: form([disposition("node.txt"), "Content-Type: application/octet-stream"]),
    name: "node.txt",
  },
  {
    stack: "aiohttp: content type first, name percent-encoded",
    body: form(["Content-Type: text/plain", disposition("my%20file.txt")]),
    headers: AIOHTTP,
    name: "my file.txt",
  },
  {
    stack: "aiohttp: umlaut",
    body: form(["Content-Type: text/plain", disposition("%C3%BC%22x.txt")]),
    headers: AIOHTTP,
    name: 'ü"x.txt',
  },
  {
    stack: "aiohttp: an encoded slash",
    body: form(["Content-Type: text/plain", disposition("a%2Fb.txt")]),
    headers: AIOHTTP,
    name: "b.txt",
  },
  {
    stack: ".NET: unquoted tokens, filename*, quoted boundary",
    contentType: 'multipart/form-data; boundary="b-1 2"',
    body: form(
      ["Content-Disposition: form-data; name=file; filename=net.txt; filename*=utf-8''net.txt"],
      "b-1 2",
    ),
    name: "net.txt",
  },
  {
    stack: ".NET: MIME word beside filename*",
    contentType: 'multipart/form-data; boundary="B"',
    body: form([
      `Content-Disposition: form-data; name=file; filename="=?utf-8?B?w7xuLnR4dA==?="; filename*=utf-8''%C3%BCn.txt`,
    ]),
    name: "ün.txt",
  },
  {
    stack: "a MIME word alone",
    body: form([disposition("=?utf-8?B?w7xuLnR4dA==?=")]),
    name: "ün.txt",
  },
  {
    stack: "httpx in Semantic Kernel: announced as JSON",
    contentType: "application/json",
    body: form([disposition("sk.txt")], "e2b7"),
    name: "sk.txt",
  },
  {
    stack: "announced without a boundary",
    contentType: "multipart/form-data",
    body: form([disposition("nb.txt")], "e2b8"),
    name: "nb.txt",
  },
  {
    stack: "header names in another case, folded spaces",
    body: form(['content-disposition:form-data;name="file";filename="case.txt"', "content-TYPE:text/plain"]),
    name: "case.txt",
  },
  {
    stack: "a line end before the first boundary",
    body: `\r\n${form([disposition("crlf.txt")])}`,
    name: "crlf.txt",
  },
  {
    stack: "bytes that look like a boundary",
    body: Buffer.concat([
      Buffer.from(`--B\r\n${disposition("bin.dat")}\r\n\r\n`),
      TRICKY,
      Buffer.from("\r\n--B--\r\n"),
    ]),
    name: "bin.dat",
    size: TRICKY.length,
  },
];

const contentType = (name: string) =>
  name.endsWith(".txt") ? "text/plain; charset=utf-8" : "application/octet-stream";

/** One upload as each HTTP stack writes it (clients 2.6), stored under the name its user meant. */
const accepted: Row[] = dialects.map(
  ({ stack, contentType: announced = FORM, body, headers, name, size = 5 }) => ({
    id: `clients 2.6 ${stack}`,
    before: [
      {
        path: "/files",
        query: `path={dir}&${V2024_10}`,
        raw: body,
        headers: { "content-type": announced, ...headers },
      },
    ],
    ask: { path: "/files", query: `path={dir}&${V2024_10}` },
    ours: { status: 200, json: { value: [file2024({ name, size, contentType: contentType(name) })] } },
    // Other parsers keep such names as they are written.
    others: [{ status: 200 }],
  }),
);

const refused: Row[] = [
  ...(
    [
      ["no form at all", "application/json", '{"file":"x"}', /multipart\/form-data/],
      ["an empty body", FORM, "", /./],
      ["a form that breaks off", FORM, `--B\r\n${disposition("cut.txt")}\r\n\r\nhel`, /damaged|ended/],
      [
        "a form without a file",
        FORM,
        '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n',
        /file/,
      ],
      [
        "a file in another field",
        FORM,
        form([disposition("x.txt").replace('"file"', '"document"')]),
        /'document'/,
      ],
      ["a file without a name", FORM, form([disposition("")]), /./],
      ["a file called ..", FORM, form([disposition("..")]), /./],
      ["a name with a line end", FORM, form([disposition("a%0Ab.txt")]), /./],
      [
        "a boundary that is not in the body",
        "multipart/form-data; boundary=X",
        form([disposition("x.txt")]),
        /./,
      ],
    ] as const
  ).map(
    ([what, announced, raw, words]): Row => ({
      id: `clients 2.6 refused: ${what}`,
      ask: {
        path: "/files",
        query: `path={dir}&${V2024_10}`,
        raw,
        headers: { "content-type": announced },
      },
      ours: { status: 400, json: message(words) },
      others: [{ status: 400 }, { status: 415 }, { status: 500 }],
    }),
  ),
];

export const multipart: Row[] = [...accepted, ...refused];
