import type { Answer, Ask, Row } from "../row.js";
import { V2024_02, V2024_08, V2024_10, V2025_10 } from "../shapes.js";

const uploaded: Ask = {
  path: "/files",
  query: `path={dir}&${V2024_10}`,
  files: [{ name: "a.txt", content: "hello" }],
};
const content: Ask = { path: "/files/a.txt/content", query: `path={dir}&${V2024_10}` };
const HELLO: Answer = {
  status: 200,
  text: "hello",
  headers: {
    "accept-ranges": "bytes",
    "content-type": "text/plain; charset=utf-8",
    "content-length": "5",
    "last-modified": /GMT$/,
  },
};
const hello: Answer = { status: 200, text: "hello" };
const gone: Answer[] = [{ status: 404 }, { status: 405 }];

/** Every path by which a version downloads (byoc 3.1). */
const paths: Row[] = (
  [
    ["ancestor", { path: "/download/{dir}/a.txt" }],
    ["2024-02", { path: "/files/content/a.txt", query: `path={dir}&${V2024_02}` }],
    ["2024-08", { path: "/files/content/a.txt/content", query: `path={dir}&${V2024_08}` }],
    ["2024-10", content],
    ["2025-10", { ...content, query: `path={dir}&${V2025_10}` }],
    ["2026", { ...content, query: "path={dir}" }],
    ["2026 with the directory in the path", { path: "/files/{dir}/a.txt/content" }],
    [
      "2024-10 with the directory in the path, encoded",
      { path: "/files/{dir}%2Fa.txt/content", query: V2024_10 },
    ],
    ["2024-10 with the data directory", { path: "/files/mnt/data/{dir}/a.txt/content", query: V2024_10 }],
  ] satisfies [string, Ask][]
).map(([version, ask]) => ({
  id: `byoc 3.1 download, ${version}`,
  before: [uploaded],
  ask,
  ours: HELLO,
  others: [hello, ...gone],
}));

/** Part of a file on demand (byoc 3.6). */
const ranges: Row[] = (
  [
    ["bytes=1-3", 206, "ell", "bytes 1-3/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=3-", 206, "lo", "bytes 3-4/5"],
    ["bytes=0-99", 206, "hello", "bytes 0-4/5"],
    ["bytes=9-", 416, "", "bytes */5"],
  ] as const
).map(([range, status, text, contentRange]) => ({
  id: `byoc 3.6 range ${range}`,
  before: [uploaded],
  ask: { ...content, headers: { range } },
  ours: { status, text, headers: { "content-range": contentRange } },
  others: [{ status, headers: { "content-range": contentRange } }],
}));

const partial: Row[] = [
  ...ranges,
  ...["bytes=0-0,-1", "bytes=a-b", "bytes=", "lines=1-2"].map(
    (range): Row => ({
      id: `byoc 3.6 range ${range}: the whole file`,
      before: [uploaded],
      ask: { ...content, headers: { range } },
      ours: HELLO,
      // Go's file server sends several ranges as multipart/byteranges, and refuses a range it cannot read.
      others: [{ status: 206 }, { status: 416 }],
    }),
  ),
  {
    id: "byoc 3.6 HEAD",
    before: [uploaded],
    ask: { ...content, method: "HEAD" },
    ours: { ...HELLO, text: "" },
    others: [...gone, { status: 200 }],
  },
];

/** Content type by extension, in metadata and download alike (byoc 3.6; recordings D4). */
const types: Row[] = (
  [
    ["README.md", "text/markdown; charset=utf-8"],
    ["a.csv", "text/csv; charset=utf-8"],
    ["a.html", "text/html; charset=utf-8"],
    ["a.json", "application/json"],
    ["a.pdf", "application/pdf"],
    ["a.png", "image/png"],
    ["a.zip", "application/zip"],
    ["noextension", "application/octet-stream"],
    ["a.unknown", "application/octet-stream"],
  ] as const
).map(([name, type]) => ({
  id: `byoc 3.6 content type of ${name}`,
  before: [{ ...uploaded, files: [{ name, content: "x" }] }],
  ask: { path: `/files/${name}/content`, query: `path={dir}&${V2024_10}` },
  ours: { status: 200, text: "x", headers: { "content-type": type } },
  others: [{ status: 200, text: "x" }],
}));

export const downloads: Row[] = [...paths, ...partial, ...types];
