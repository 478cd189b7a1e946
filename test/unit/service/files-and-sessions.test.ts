import { describe, expect, test } from "vitest";
import {
  fileError,
  type OperationKind,
  type OperationOf,
  readFileEntries,
  renderList,
  renderPoolMetadata,
  renderSession,
  renderSessionList,
  routeBuiltIn,
  serviceTimestamp,
  toInterpreterFile,
  uploadName,
} from "../../../src/service/index.js";
import { refusal } from "./refusal.js";

function operation<Kind extends OperationKind>(
  kind: Kind,
  method: string,
  target: string,
  containerType: "PythonLTS" | "Shell" = "PythonLTS",
): OperationOf<Kind> {
  const [path = "", query = ""] = target.split("?");
  const routed = routeBuiltIn({
    method,
    path,
    query: new URLSearchParams(query),
    containerType,
    strict: false,
  });
  if (routed.kind !== kind) throw new Error(routed.kind);
  return routed as OperationOf<Kind>;
}

const V25 = "api-version=2025-10-02-preview";
const list = operation("list", "GET", `/files?${V25}`);
const user = { identifier: "user" };

describe("names of uploaded files", () => {
  test.each([
    ["cert.txt", "cert.txt"],
    ["/mnt/data/t.txt", "t.txt"],
    ["a/b.txt", "b.txt"],
    ["C:\\Users\\me\\b.txt", "b.txt"],
    ["Übung 1 (neu).csv", "Übung 1 (neu).csv"],
    ["数据.csv", "数据.csv"],
    [".env", ".env"],
    ["a@$&=;,#%^().txt", "a@$&=;,#%^().txt"],
  ])("%s is kept as %s", (sent, kept) => {
    expect(uploadName(sent)).toBe(kept);
  });

  test.each(["", "/", "..", ".", "a/..", "a:b", "a\u0000b", "a*b", "a?b", "a<b>", 'a"b', "a|b", "dir/"])(
    "%j is refused",
    (sent) => {
      const error = refusal(() => uploadName(sent));
      expect([error.status, error.entry.code]).toEqual([400, "FileNameInvalid"]);
    },
  );
});

describe("file lists of interpreters", () => {
  const time = "2026-07-24T10:00:00.123456789Z";
  const wire =
    '{"value":[{"name":"a.txt","directory":".","type":"file","contentType":"text/plain","sizeInBytes":1,"lastModifiedAt":"2026-07-24T10:00:00.1234567Z"}]}';

  test.each([
    [
      "2024",
      {
        value: [
          { name: "a.txt", sizeInBytes: 1, lastModifiedAt: time, contentType: "text/plain", type: "File" },
        ],
      },
    ],
    [
      "2026",
      [
        {
          name: "a.txt",
          sizeInBytes: 1,
          lastModifiedAt: time,
          contentType: "text/plain",
          type: "file",
          directory: ".",
        },
      ],
    ],
    [
      "old array",
      [
        {
          name: "a.txt",
          type: "file",
          filename: "a.txt",
          size: 1,
          last_modified_time: time,
          mime_type: "text/plain",
        },
      ],
    ],
    [
      "full names",
      [{ filename: "/mnt/data/a.txt", size: 1, lastModifiedTime: time, contentType: "text/plain" }],
    ],
  ])("%s", (_title, body) => {
    const entries = readFileEntries({ status: 200, body: JSON.stringify(body) }, list, user);
    expect(renderList(list, entries).body).toBe(wire);
  });

  test("null is an empty directory, as the oldest interpreter says", () => {
    expect(readFileEntries({ status: 200, body: "null" }, list, user)).toEqual([]);
    expect(
      readFileEntries({ status: 200, body: '{"value":null}' }, operation("list", "GET", "/files"), user),
    ).toEqual([]);
  });

  test.each([
    '[{"name":"a"}]',
    '[{"name":"a","lastModifiedAt":"yesterday"}]',
    "5",
    '["a"]',
    "<html>",
    "[null]",
  ])("%s is the interpreter's fault, not the caller's", (body) => {
    expect(refusal(() => readFileEntries({ status: 200, body }, list, user)).status).toBe(502);
  });

  test("a list is sorted by directory and name", () => {
    const entry = (directory: string, name: string) => ({ directory, name, lastModifiedAt: time });
    const body = JSON.stringify([entry("sub", "a"), entry(".", "b"), entry(".", "a")]);
    const { value } = JSON.parse(
      renderList(list, readFileEntries({ status: 200, body }, list, user)).body ?? "",
    );
    expect(
      value.map((each: { directory: string; name: string }) => `${each.directory}/${each.name}`),
    ).toEqual(["./a", "./b", "sub/a"]);
  });

  test("the spring-2024 list has $values", () => {
    const old = operation("list", "GET", "/python/files");
    const body = JSON.stringify([{ name: "a.txt", sizeInBytes: 1, lastModifiedAt: time }]);
    expect(renderList(old, readFileEntries({ status: 200, body }, old, user)).body).toBe(
      '{"$id":"1","$values":[{"$id":"2","filename":"a.txt","size":1,"last_modified_time":"2026-07-24T10:00:00.1234567Z"}]}',
    );
  });
});

describe("file calls to the interpreter", () => {
  test("names and directories are encoded, once", () => {
    const download = operation("download", "GET", `/files/a%20%25ü.txt/content?${V25}&path=x%20y`);
    expect(toInterpreterFile(download, { identifier: "a&b+c" }).url).toBe(
      "/files/a%20%25%C3%BC.txt/content?api-version=2025-10-02-preview&identifier=a%26b%2Bc&path=x%20y",
    );
  });

  test("a recursive list says so", () => {
    const recursive = operation("list", "GET", `/files?${V25}&recursive=true`);
    expect(toInterpreterFile(recursive, user).url).toMatch(/&recursive=true$/);
  });

  test.each([
    [404, 404, "FileNotFound"],
    [413, 413, "RequestBodyTooLarge"],
    [400, 400, "SessionRequestValidationFailed"],
    [500, 502, "CodeInterpreterFailed"],
    [302, 502, "CodeInterpreterFailed"],
  ])("its %d becomes %d %s", (told, status, code) => {
    const metadata = operation("fileMetadata", "GET", `/files/a.txt?${V25}`);
    const error = fileError({ status: told, body: "" }, metadata, user);
    expect([error.status, error.entry.code]).toEqual([status, code]);
  });
});

describe("timestamps", () => {
  test.each([
    ["2024-11-04T05:12:57.752167134Z", "2024-11-04T05:12:57.7521671Z"],
    ["2024-11-04T05:12:57.750000000Z", "2024-11-04T05:12:57.75Z"],
    ["2024-11-04T05:12:57.000000000Z", "2024-11-04T05:12:57Z"],
    ["2024-11-04T05:12:57.5+02:00", "2024-11-04T03:12:57.5Z"],
    ["2026-03-31T19:10:27.964154", "2026-03-31T19:10:27.964154Z"],
    [new Date("2024-11-04T05:12:57.120Z"), "2024-11-04T05:12:57.12Z"],
    [0, "1970-01-01T00:00:00Z"],
    ["yesterday", undefined],
    ["2024-13-40T99:00:00Z", undefined],
  ])("%s is %s", (moment, text) => {
    expect(serviceTimestamp(moment)).toBe(text);
  });
});

describe("sessions and metadata of built-in pools", () => {
  const session = {
    identifier: "my-session-001",
    etag: "0--guid",
    createdAt: "2026-01-30T06:16:17.1402335Z",
    lastAccessedAt: "2026-01-30T06:16:17.1402335Z",
    expiresAt: "2026-01-30T06:21:17.1400485Z",
  };

  test("E14: members of one session", () => {
    const { headers, body } = renderSession(session);
    expect(Object.keys(JSON.parse(body ?? ""))).toEqual([
      "identifier",
      "createdAt",
      "lastAccessedAt",
      "expireAt",
      "etag",
    ]);
    expect(headers["x-ms-session-etag"]).toBe("0--guid");
  });

  test("E15: a list has neither etag nor link when it fits", () => {
    const all = operation("listSessions", "GET", `/listSessions?${V25}`);
    expect(renderSessionList(all, [session], "http://pool").body).toBe(
      '{"sessions":[{"identifier":"my-session-001","createdAt":"2026-01-30T06:16:17.1402335Z","lastAccessedAt":"2026-01-30T06:16:17.1402335Z","expireAt":"2026-01-30T06:21:17.1400485Z"}]}',
    );
  });

  test("a longer list links to its next page", () => {
    const all = operation("listSessions", "GET", `/listSessions?${V25}&skip=1`);
    const body = JSON.parse(renderSessionList(all, Array(302).fill(session), "http://pool").body ?? "");
    expect(body.sessions).toHaveLength(300);
    expect(body.nextLink).toBe("http://pool/listSessions?api-version=2025-10-02-preview&skip=301");
  });

  const metadata = {
    runtimes: [{ name: "Ubuntu", version: "22.04.5 LTS (Jammy Jellyfish)" }],
    preInstalledPackages: [{ name: "adduser", version: "3.118ubuntu5" }],
    createdAt: "2026-03-31T19:10:27.964154Z",
    lastUpdatedAt: "2026-03-31T19:10:27.964154Z",
  };

  test("E26: a Shell pool's times have no Z", () => {
    expect(renderPoolMetadata(operation("metadata", "GET", `/metadata?${V25}`, "Shell"), metadata).body).toBe(
      '{"createdAt":"2026-03-31T19:10:27.964154","lastUpdatedAt":"2026-03-31T19:10:27.964154","runtimes":[{"name":"Ubuntu","version":"22.04.5 LTS (Jammy Jellyfish)"}],"preInstalledPackages":[{"name":"adduser","version":"3.118ubuntu5"}]}',
    );
  });

  test("a code pool tells its kernel", () => {
    const jupyterKernel = { name: "IJavascript", version: "5", projectUrl: "u", description: "d" };
    const body = renderPoolMetadata(operation("metadata", "GET", `/metadata?${V25}`), {
      ...metadata,
      jupyterKernel,
    }).body;
    expect(Object.keys(JSON.parse(body ?? ""))).toEqual([
      "runtimes",
      "preInstalledPackages",
      "createdAt",
      "lastUpdatedAt",
      "jupyterKernel",
    ]);
  });
});
