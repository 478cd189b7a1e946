import { expect } from "vitest";
import type { Answer, Ask, Row } from "../row.js";
import { message, V2024_10 } from "../shapes.js";

const A = { name: "a.txt", content: "hello" };
const upload = (path: string): Ask => ({
  path: "/files",
  query: `path=${path}&${V2024_10}`,
  files: [A],
});
const content = (path: string, query = V2024_10): Ask => ({ path, query });
const refused: Answer = { status: 400, json: message(/./) };
const anyRefusal: Answer[] = [{ status: 400 }, { status: 404 }, { status: 403 }];

/** Every spelling of one directory under the data directory (byoc 3.6). */
const spellings: Row[] = [
  "{dir}",
  "/{dir}",
  "{dir}/",
  "/{dir}/",
  "./{dir}",
  "/./{dir}/.",
  "//{dir}",
  "%2F{dir}",
  "/mnt/data/{dir}",
  "/mnt/data/{dir}/",
  "mnt/data/{dir}",
  "%2Fmnt%2Fdata%2F{dir}",
  "/mnt//data//{dir}",
].map((path) => ({
  id: `byoc 3.6 path=${path}`,
  before: [upload(path)],
  ask: content("/files/{dir}/a.txt/content"),
  ours: { status: 200, text: "hello" },
}));

/** Every spelling of the data directory itself. */
const roots: Row[] = ["", "/", ".", "./", "/mnt/data", "/mnt/data/", "mnt/data", "%2Fmnt%2Fdata"].map(
  (path) => ({
    id: `byoc 3.6 path=${path || "(empty)"} is the data directory`,
    before: [{ ...upload(path), files: [{ name: "r-{dir}.txt", content: "root" }] }],
    ask: content("/files/r-{dir}.txt/content"),
    ours: { status: 200, text: "root" },
  }),
);

const depth: Row[] = [
  {
    id: "byoc 3.6 three levels below the data directory",
    before: [upload("{dir}/b/c")],
    ask: content("/files/{dir}/b/c/a.txt/content"),
    ours: { status: 200, text: "hello" },
  },
  {
    id: "byoc 3.6 four levels are too many",
    ask: upload("{dir}/b/c/d"),
    ours: { status: 400, json: message(/depth/) },
    others: [{ status: 400 }],
  },
  {
    id: "byoc 3.6 four levels are too many, counted from the root",
    ask: upload("/mnt/data/{dir}/b/c/d"),
    ours: { status: 400, json: message(/depth/) },
    others: [{ status: 400 }],
  },
];

/** Ways out of the data directory, in the query and in the path, encoded once and twice (byoc 3.6). */
const traversal: Row[] = [
  ...[
    "..",
    "../etc",
    "{dir}/../..",
    "/mnt/data/../../etc",
    "%2e%2e",
    "..%2f..%2fetc",
    "%2e%2e%2fetc",
  ].flatMap((path): Row[] => [
    { id: `byoc 3.6 upload to path=${path}`, ask: upload(path), ours: refused, others: anyRefusal },
    {
      id: `byoc 3.6 list of path=${path}`,
      ask: { path: "/files", query: `path=${path}&${V2024_10}` },
      ours: refused,
      others: anyRefusal,
    },
  ]),
  ...[
    "/files/..%2F..%2Fetc%2Fpasswd/content",
    "/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd/content",
    "/files/%2e%2e/%2e%2e/etc/passwd/content",
    "/files/../../etc/passwd/content",
    "/files/x%2F..%2F..%2F..%2Fetc%2Fpasswd/content",
    "/download/..%2F..%2Fetc%2Fpasswd",
    "/get/..%2F..%2Fetc%2Fpasswd",
    "/listfiles/..%2F..%2Fetc",
  ].map(
    (path): Row => ({
      id: `byoc 3.6 GET ${path}`,
      ask: content(path),
      ours: refused,
      others: anyRefusal,
    }),
  ),
  // Decoded once, these are odd names and nothing more; a second decoding would lead out.
  ...[
    "/files/%252e%252e%252f%252e%252e%252fetc%252fpasswd/content",
    "/download/..%252F..%252Fetc%252Fpasswd",
  ].map(
    (path): Row => ({
      id: `byoc 3.6 GET ${path}`,
      ask: content(path),
      ours: { status: 404, json: message(/^ERR_FILE_NOT_FOUND/) },
      others: anyRefusal,
    }),
  ),
  {
    id: "byoc 3.6 an encoded slash twice encoded in path",
    ask: { path: "/files", query: `path=..%252F..%252Fetc&${V2024_10}` },
    ours: { status: 404, json: message(/^ERR_DIR_NOT_FOUND/) },
    others: anyRefusal,
  },
  ...["%2Fetc%2Fpasswd", "//etc/passwd", "/etc/passwd"].map(
    (name): Row => ({
      id: `byoc 3.6 an absolute name, ${name}, stays in the data directory`,
      ask: content(`/files/${name}/content`),
      ours: { status: 404, json: message(/^ERR_FILE_NOT_FOUND/) },
      others: anyRefusal,
    }),
  ),
  ...["%00", "a%00.txt", "a%0Ab.txt", "%FF.txt", "%C0%AEx"].map(
    (name): Row => ({
      id: `byoc 3.6 a name that is none: ${name}`,
      ask: content(`/files/${name}/content`),
      ours: refused,
      others: anyRefusal,
    }),
  ),
  {
    id: "byoc 3.6 a name of 300 characters",
    ask: content(`/files/${"n".repeat(300)}/content`),
    ours: refused,
    others: anyRefusal,
  },
  {
    id: "byoc 3.6 the data directory cannot be deleted",
    ask: { method: "DELETE", path: "/files/mnt/data", query: V2024_10 },
    ours: { status: 404, json: message(/^ERR_FILE_NOT_FOUND/) },
    others: anyRefusal,
  },
];

const link = (target: string): Ask => ({
  path: "/executions",
  query: V2024_10,
  json: {
    code: `import os\nos.makedirs('/mnt/data/{dir}', exist_ok=True)\nos.symlink('${target}', '/mnt/data/{dir}/link')`,
  },
});
const symlinkRefused: Answer = { status: 400, json: message(/^ERR_SYMLINK_NOT_ALLOWED/) };

/** Links that code in the session made (byoc 3.6). */
const links: Row[] = [
  {
    id: "byoc 3.6 download of a symlink",
    before: [link("/etc/passwd")],
    ask: content("/files/{dir}/link/content"),
    ours: symlinkRefused,
    others: anyRefusal,
  },
  {
    id: "byoc 3.6 download through a symlink",
    before: [link("/etc")],
    ask: content("/files/{dir}/link/passwd/content"),
    ours: symlinkRefused,
    others: anyRefusal,
  },
  {
    id: "byoc 3.6 list of a symlink",
    before: [link("/etc")],
    ask: { path: "/files", query: `path={dir}/link&${V2024_10}` },
    ours: symlinkRefused,
    others: anyRefusal,
  },
  {
    id: "byoc 3.6 upload through a symlink",
    before: [link("/tmp")],
    ask: upload("{dir}/link"),
    ours: symlinkRefused,
    others: anyRefusal,
  },
  {
    id: "byoc 3.6 deleting a symlink leaves what it points at",
    before: [
      { path: "/executions", query: V2024_10, json: { code: "open('/tmp/{dir}', 'w').write('kept')" } },
      link("/tmp/{dir}"),
      { method: "DELETE", path: "/files/{dir}/link", query: V2024_10 },
    ],
    ask: {
      path: "/executions",
      query: V2024_10,
      json: { code: "import os\n(open('/tmp/{dir}').read(), os.listdir('/mnt/data/{dir}'))" },
    },
    ours: {
      status: 202,
      json: expect.objectContaining({
        result: expect.objectContaining({ executionResult: "('kept', [])" }),
      }),
    },
    others: [200, 202].map((status) => ({ status, text: /kept/ })),
  },
];

export const locations: Row[] = [...spellings, ...roots, ...depth, ...traversal, ...links];
