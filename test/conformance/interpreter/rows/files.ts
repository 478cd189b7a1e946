import { expect } from "vitest";
import type { Answer, Ask, Row } from "../row.js";
import {
  directory2026,
  file2024,
  file2026,
  legacyFile,
  legacyMetadata,
  message,
  V2024_02,
  V2024_08,
  V2024_10,
  V2025_02,
  V2025_10,
} from "../shapes.js";

const A = { name: "a.txt", content: "hello" };
const FACTS = { name: "a.txt", size: 5 };
/** Uploads `a.txt` into this row's own directory. */
const uploaded: Ask = { path: "/files", query: `path={dir}&${V2024_10}`, files: [A] };
const at = (path: string, query: string, more: Partial<Ask> = {}): Ask => ({
  path,
  query: `path={dir}&${query}`,
  ...more,
});

/** A file object of any generation, alone or in a list. */
const anyFile: Answer[] = [
  { status: 200, text: /"name": ?"a\.txt"/ },
  { status: 200, text: /"filename": ?"a\.txt"/ },
];
const gone: Answer[] = [{ status: 404 }, { status: 405 }];

const uploads: Row[] = [
  {
    id: "byoc 3.1 upload, ancestor",
    ask: { path: "/upload/{dir}", files: [A] },
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 upload 2024-08",
    ask: at("/upload", V2024_08, { files: [A] }),
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 upload 2024-02 as built-in pools name it",
    ask: at("/files/upload", V2024_02, { files: [A] }),
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 /files/upload without a version is of the old kind",
    ask: at("/files/upload", "", { files: [A] }),
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 upload 2024-10; byoc 3.7 one object, type File",
    ask: at("/files", V2024_10, { files: [A] }),
    ours: { status: 200, json: file2024(FACTS) },
    others: anyFile,
  },
  {
    id: "byoc 3.7 type is lower case from 2025-02",
    ask: at("/files", V2025_02, { files: [A] }),
    ours: { status: 200, json: file2024(FACTS, "file") },
    others: anyFile,
  },
  {
    id: "byoc 3.6 file object of 2025-10 has its directory",
    ask: { path: "/files", query: V2025_10, files: [{ ...A, name: "root-{dir}.txt" }] },
    ours: { status: 200, json: file2026({ name: "root-{dir}.txt", size: 5 }) },
    others: [{ status: 200, text: /root-.*\.txt/ }],
  },
  {
    id: "byoc 3.1 upload 2026; byoc 3.7 an array",
    ask: at("/files", "", { files: [A] }),
    ours: { status: 200, json: [{ ...file2026(FACTS), directory: "{dir}" }] },
    others: anyFile,
  },
  {
    id: "byoc 3.6 several parts in one form",
    ask: at("/files", V2024_10, { files: [A, { name: "b.csv", content: "1,2\n" }] }),
    ours: {
      status: 200,
      json: [file2024(FACTS), file2024({ name: "b.csv", size: 4, contentType: "text/csv; charset=utf-8" })],
    },
    others: [...anyFile, { status: 400 }],
  },
  {
    id: "byoc 3.6 extra form fields are ignored",
    ask: at("/files", V2024_10, {
      headers: { "content-type": "multipart/form-data; boundary=B" },
      raw:
        '--B\r\nContent-Disposition: form-data; name="identifier"\r\n\r\nx\r\n' +
        '--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--B--\r\n',
    }),
    ours: { status: 200, json: file2024(FACTS) },
    others: anyFile,
  },
  {
    id: "byoc 3.6 a later upload replaces the file",
    before: [uploaded, at("/files", V2024_10, { files: [{ ...A, content: "second" }] })],
    ask: at("/files/a.txt/content", V2024_10),
    ours: { status: 200, text: "second" },
  },
  {
    id: "byoc 3.6 an empty file",
    before: [at("/files", V2024_10, { files: [{ name: "empty.txt", content: "" }] })],
    ask: at("/files/empty.txt/content", V2024_10),
    ours: { status: 200, text: "", headers: { "content-length": "0" } },
  },
  {
    id: "byoc 3.6 missing directories are created, the kernel's user may change what was uploaded",
    before: [{ path: "/files", query: `path={dir}/deep&${V2024_10}`, files: [A] }],
    ask: {
      path: "/executions",
      query: V2024_10,
      json: {
        code:
          "import os\np = '/mnt/data/{dir}/deep/a.txt'\nopen(p, 'a').write(' more')\n" +
          "(open(p).read(), oct(os.stat(p).st_mode & 0o777))",
      },
    },
    ours: {
      status: 202,
      json: expect.objectContaining({
        result: expect.objectContaining({ executionResult: "('hello more', '0o777')" }),
      }),
    },
    others: [200, 202].map((status) => ({ status, text: /hello more/ })),
  },
];

const lists: Row[] = [
  {
    id: "byoc 3.1 list, ancestor",
    before: [uploaded],
    ask: { path: "/listfiles/{dir}" },
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 list 2024-08",
    before: [uploaded],
    ask: at("/files", V2024_08),
    ours: { status: 200, json: [legacyFile(FACTS)] },
    others: anyFile,
  },
  {
    id: "byoc 3.1 list 2024-10; byoc 3.7 in value",
    before: [uploaded],
    ask: at("/files", V2024_10),
    ours: { status: 200, json: { value: [file2024(FACTS)] } },
    others: anyFile,
  },
  {
    id: "byoc 3.6 list 2025-10",
    before: [uploaded],
    ask: at("/files", V2025_10),
    ours: { status: 200, json: { value: [{ ...file2026(FACTS), directory: "{dir}" }] } },
    others: anyFile,
  },
  {
    id: "byoc 3.1 list 2026; byoc 3.7 a bare array",
    before: [uploaded],
    ask: at("/files", ""),
    ours: { status: 200, json: [{ ...file2026(FACTS), directory: "{dir}" }] },
    others: anyFile,
  },
  {
    id: "byoc 3.1 list 2026, recursive",
    before: [uploaded, { path: "/files", query: "path={dir}/sub", files: [A] }],
    ask: at("/files", "recursive=true"),
    ours: {
      status: 200,
      json: [
        { ...file2026(FACTS), directory: "{dir}" },
        { ...directory2026("sub"), directory: "{dir}" },
        { ...file2026(FACTS), directory: "{dir}/sub" },
      ],
    },
    others: [{ status: 200, text: /a\.txt[\s\S]*a\.txt/ }, ...anyFile],
  },
  {
    id: "byoc 3.1 list 2026, not recursive, shows directories",
    before: [{ path: "/files", query: "path={dir}/sub", files: [A] }],
    ask: at("/files", "recursive=false"),
    ours: { status: 200, json: [{ ...directory2026("sub"), directory: "{dir}" }] },
    others: [{ status: 200 }],
  },
  ...(
    [
      ["2024-08", V2024_08, []],
      ["2024-10", V2024_10, { value: [] }],
      ["2026", "", []],
    ] as const
  ).map(
    ([version, query, json]): Row => ({
      id: `byoc 3.6 an empty directory, ${version}`,
      before: [uploaded, at("/files/a.txt", V2024_10, { method: "DELETE" })],
      ask: at("/files", query),
      ours: { status: 200, json },
      others: [null, [], { value: [] }, { value: null }].map((body) => ({ status: 200, json: body })),
    }),
  ),
  {
    id: "byoc 3.6 a missing directory",
    ask: at("/files", V2024_10),
    ours: { status: 404, json: message(/^ERR_DIR_NOT_FOUND/) },
    others: [{ status: 404 }],
  },
  {
    id: "byoc 3.6 symlinks are hidden in lists",
    before: [
      uploaded,
      {
        path: "/executions",
        query: V2024_10,
        json: { code: "import os; os.symlink('/etc/passwd', '/mnt/data/{dir}/link.txt')" },
      },
    ],
    ask: at("/files", V2024_10),
    ours: { status: 200, json: { value: [file2024(FACTS)] } },
    others: [{ status: 200, text: /^(?![\s\S]*link\.txt)[\s\S]*a\.txt/ }],
  },
];

const single: Row[] = [
  {
    id: "byoc 3.1 metadata, ancestor",
    before: [uploaded],
    ask: { path: "/get/{dir}/a.txt" },
    ours: { status: 200, json: legacyFile(FACTS) },
    others: [...anyFile, ...gone],
  },
  {
    id: "byoc 3.1 metadata 2024-08",
    before: [uploaded],
    ask: at("/files/a.txt", V2024_08),
    ours: { status: 200, json: legacyMetadata(FACTS) },
    others: anyFile,
  },
  {
    id: "byoc 3.1 metadata 2024-10",
    before: [uploaded],
    ask: at("/files/a.txt", V2024_10),
    ours: { status: 200, json: file2024(FACTS) },
    others: anyFile,
  },
  {
    id: "byoc 3.1 metadata 2026",
    before: [uploaded],
    ask: at("/files/a.txt", ""),
    ours: { status: 200, json: { ...file2026(FACTS), directory: "{dir}" } },
    others: anyFile,
  },
  {
    id: "byoc 3.1 delete, ancestor",
    before: [uploaded],
    ask: { method: "DELETE", path: "/delete/{dir}/a.txt" },
    ours: { status: 200, json: { message: "file deleted successfully" } },
    others: [{ status: 200 }, ...gone],
  },
  {
    id: "byoc 3.1 delete 2024-08",
    before: [uploaded],
    ask: at("/files/a.txt", V2024_08, { method: "DELETE" }),
    ours: { status: 200, json: { message: "file deleted successfully" } },
    others: [{ status: 204 }],
  },
  {
    id: "byoc 3.1 delete 2024-10",
    before: [uploaded],
    ask: at("/files/a.txt", V2024_10, { method: "DELETE" }),
    ours: { status: 204, text: "" },
    others: [{ status: 200 }],
  },
  {
    id: "byoc 3.1 delete 2026, a directory with what is in it",
    before: [uploaded, { path: "/files", query: "path={dir}/sub", files: [A] }],
    ask: { method: "DELETE", path: "/files/{dir}" },
    ours: { status: 204, text: "" },
    others: [{ status: 200 }, { status: 400 }],
  },
  {
    id: "byoc 3.6 what was deleted is gone",
    before: [uploaded, at("/files/a.txt", V2024_10, { method: "DELETE" })],
    ask: at("/files/a.txt/content", V2024_10),
    ours: { status: 404, json: { message: "ERR_FILE_NOT_FOUND: File not found" } },
    others: [{ status: 404 }],
  },
  ...(
    [
      ["GET", "/files/no.txt", V2024_10],
      ["GET", "/files/no.txt", V2024_08],
      ["GET", "/files/no.txt/content", V2024_10],
      ["GET", "/files/content/no.txt", V2024_08],
      ["DELETE", "/files/no.txt", V2024_10],
      ["GET", "/download/no.txt", V2024_08],
      ["GET", "/get/no.txt", V2024_08],
      ["DELETE", "/delete/no.txt", V2024_08],
    ] as const
  ).map(
    ([method, path, query]): Row => ({
      id: `byoc 3.6 missing file: ${method} ${path} ${query}`,
      ask: { method, path, query },
      ours: { status: 404, json: { message: "ERR_FILE_NOT_FOUND: File not found" } },
      others: gone,
    }),
  ),
  {
    id: "byoc 3.6 missing file, 2026",
    ask: { path: "/files/no.txt" },
    ours: { status: 404, json: "ERR_FILE_NOT_FOUND: File not found" },
    others: [{ status: 404 }],
  },
];

export const files: Row[] = [...uploads, ...lists, ...single];
