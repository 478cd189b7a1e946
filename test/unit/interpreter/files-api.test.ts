import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import http from "node:http";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interpreter, type TestInterpreter } from "./support.js";

const V2024_08 = "api-version=2024-08-02-preview";
const V2024_10 = "api-version=2024-10-02-preview";
const V2025_10 = "api-version=2025-10-02-preview";
const NANOSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

let box: TestInterpreter;
beforeEach(async () => {
  box = await interpreter({ mode: "shell", fileOperation: "maxUploadFileSizeLimitInMBs: 1" });
});
afterEach(() => box.close());

const upload = (name: string, content: string | Buffer, query = V2024_10) =>
  box.api.post(`/files?${query}`).attach("file", Buffer.from(content), name);

describe("file objects", () => {
  it("of 2024-10", async () => {
    const file = {
      name: "README.md",
      sizeInBytes: 5,
      lastModifiedAt: expect.stringMatching(NANOSECONDS),
      contentType: "text/markdown; charset=utf-8",
      type: "File",
    };
    expect((await upload("README.md", "hello").expect(200)).body).toEqual(file);
    expect((await box.api.get(`/files?${V2024_10}`)).body).toEqual({ value: [file] });
    expect((await box.api.get(`/files/README.md?${V2024_10}`)).body).toEqual(file);
    const deleted = await box.api.delete(`/files/README.md?${V2024_10}`).expect(204);
    expect(deleted.text).toBe("");
    expect((await box.api.get(`/files?${V2024_10}`)).body).toEqual({ value: [] });
  });

  it("of 2024-08 and before", async () => {
    const old = {
      name: "a.txt",
      type: "file",
      filename: "a.txt",
      size: 2,
      last_modified_time: expect.stringMatching(NANOSECONDS),
      mime_type: "text/plain; charset=utf-8",
    };
    const sent = await box.api.post("/upload").attach("file", Buffer.from("hi"), "a.txt").expect(200);
    expect(sent.body).toEqual([old]);
    expect((await box.api.get(`/files?${V2024_08}`)).body).toEqual([old]);
    expect((await box.api.get("/listfiles")).body).toEqual([old]);
    expect((await box.api.get("/get/a.txt")).body).toEqual(old);
    expect((await box.api.get(`/files/a.txt?${V2024_08}`)).body).toEqual({
      value: [
        {
          $id: "",
          properties: { $id: "", filename: "a.txt", size: 2, lastModifiedTime: old.last_modified_time },
        },
      ],
    });
    expect((await box.api.delete(`/files/a.txt?${V2024_08}`).expect(200)).body).toEqual({
      message: "file deleted successfully",
    });
  });

  it("of 2025-10 and of the container specification without a version", async () => {
    const file = {
      name: "a.csv",
      type: "file",
      sizeInBytes: 3,
      lastModifiedAt: expect.stringMatching(NANOSECONDS),
      directory: "sub",
      contentType: "text/csv; charset=utf-8",
    };
    expect((await upload("a.csv", "1,2", `path=sub&${V2025_10}`)).body).toEqual(file);
    expect((await upload("a.csv", "1,2", "path=sub")).body).toEqual([file]);
    expect((await box.api.get(`/files?path=sub&${V2025_10}`)).body).toEqual({ value: [file] });
    expect((await box.api.get("/files?path=sub")).body).toEqual([file]);
    const all = (await box.api.get("/files?recursive=true")).body;
    expect(
      all.map((entry: { directory: string; name: string; type: string }) => [
        entry.directory,
        entry.name,
        entry.type,
      ]),
    ).toEqual([
      [".", "sub", "directory"],
      ["sub", "a.csv", "file"],
    ]);
    expect((await box.api.get("/files")).body).toHaveLength(1);
  });
});

describe("downloads", () => {
  it.each([
    ["/files/a.txt/content", V2024_10],
    ["/files/a.txt/content", ""],
    ["/files/content/a.txt", "api-version=2024-02-02-preview"],
    ["/files/content/a.txt/content", V2024_08],
    ["/download/a.txt", ""],
    ["/files/mnt/data/a.txt/content", V2024_10],
  ])("%s?%s", async (path, query) => {
    await upload("a.txt", "hello");
    // The data directory's own path may stand before the name.
    const url = path.replace("/mnt/data", box.root);
    const answer = await box.api.get(`${url}?${query}`).expect(200);
    expect(answer.text).toBe("hello");
    expect(answer.headers).toMatchObject({
      "accept-ranges": "bytes",
      "content-type": "text/plain; charset=utf-8",
    });
  });

  it.each([
    ["bytes=1-3", 206, "ell", "bytes 1-3/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=2-", 206, "llo", "bytes 2-4/5"],
    ["bytes=9-", 416, "", "bytes */5"],
    ["nonsense", 200, "hello", undefined],
  ])("range %s gives %i", async (range, status, text, contentRange) => {
    await upload("a.txt", "hello");
    const answer = await box.api.get(`/files/a.txt/content?${V2024_10}`).set("range", range).expect(status);
    expect(answer.text ?? "").toBe(text);
    expect(answer.headers["content-range"]).toBe(contentRange);
  });

  it("of an empty file", async () => {
    await writeFile(join(box.root, "empty.txt"), "");
    const answer = await box.api.get("/files/empty.txt/content").expect(200);
    expect(answer.headers["content-length"]).toBe("0");
  });

  it("of names with spaces, umlauts and encoded slashes", async () => {
    await upload("ü b.txt", "1", `path=d&${V2024_10}`);
    for (const name of [`d/${encodeURIComponent("ü b.txt")}`, encodeURIComponent("d/ü b.txt")]) {
      expect((await box.api.get(`/files/${name}/content`).expect(200)).text).toBe("1");
    }
  });

  it("of a file called content, and of one in a directory called content", async () => {
    await upload("content", "C");
    expect(
      (await box.api.get(`/files/content/content?${V2024_10}`).buffer().expect(200)).body.toString(),
    ).toBe("C");
    await box.api.delete("/files/content");
    await upload("x.txt", "X", `path=content&${V2024_10}`);
    expect((await box.api.get(`/files/content/x.txt?${V2024_10}`).expect(200)).body.name).toBe("x.txt");
    expect((await box.api.get(`/files/content/x.txt/content?${V2024_10}`).expect(200)).text).toBe("X");
  });
});

describe("what is not there", () => {
  it.each([
    ["get", "/files/no.txt"],
    ["get", "/files/no.txt/content"],
    ["delete", "/files/no.txt"],
    ["get", "/download/no.txt"],
  ] as const)("%s %s is 404", async (method, path) => {
    const answer = await box.api[method](`${path}?${V2024_10}`).expect(404);
    expect(answer.body).toEqual({ message: "ERR_FILE_NOT_FOUND: File not found" });
  });

  it("is a directory", async () => {
    const answer = await box.api.get(`/files?path=no&${V2024_10}`).expect(404);
    expect(answer.body).toEqual({ message: "ERR_DIR_NOT_FOUND: File path not found" });
  });

  it("is an endpoint", async () => {
    expect((await box.api.get("/nowhere").expect(404)).body).toContain("GET /nowhere");
  });
});

describe("places that are refused", () => {
  it.each(["..", "../etc", "a/../../b", "a/b/c/d"])("path %s", async (path) => {
    await upload("x.txt", "x", `path=${encodeURIComponent(path)}&${V2024_10}`).expect(400);
    await box.api.get(`/files?path=${encodeURIComponent(path)}`).expect(400);
  });

  it("names that leave the directory", async () => {
    await writeFile(join(dirname(box.root), "secret.txt"), "s");
    await box.api.get("/files/..%2Fsecret.txt/content").expect(400);
    await box.api.delete("/files/..%2Fsecret.txt").expect(400);
    await box.api.delete("/files/.").expect(400);
    expect(await readFile(join(dirname(box.root), "secret.txt"), "utf8")).toBe("s");
  });

  it("symbolic links, to files and to directories", async () => {
    const outside = dirname(box.root);
    await writeFile(join(outside, "secret.txt"), "s");
    await symlink(join(outside, "secret.txt"), join(box.root, "link.txt"));
    await symlink(outside, join(box.root, "dir"));
    expect((await box.api.get("/files?recursive=true")).body).toEqual([]);
    const answer = await box.api.get(`/files/link.txt/content?${V2024_10}`).expect(400);
    expect(answer.body).toEqual({ message: "ERR_SYMLINK_NOT_ALLOWED: Symlinks not allowed" });
    await box.api.get("/files/dir/secret.txt/content").expect(400);
    await box.api.get("/files?path=dir").expect(400);
    await box.api.delete("/files/dir/secret.txt").expect(400);
    await upload("new.txt", "x", "path=dir").expect(400);
    await upload("link.txt", "mine").expect(200);
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe("s");
    expect((await readdir(outside)).sort()).toEqual(["data", "secret.txt"]);
  });

  it("a pipe that nobody writes to", async () => {
    execFileSync("mkfifo", [join(box.root, "pipe")]);
    await box.api.get("/files/pipe/content").expect(400);
  });
});

describe("uploads", () => {
  it("make directories, and everything is open to the kernel's user", async () => {
    await upload("a.txt", "x", "path=p/q");
    for (const path of ["p", "p/q", "p/q/a.txt"]) {
      expect((await stat(join(box.root, path))).mode & 0o777).toBe(0o777);
    }
  });

  it("replace a file, but not a directory", async () => {
    await upload("a.txt", "first");
    await upload("a.txt", "second").expect(200);
    expect(await readFile(join(box.root, "a.txt"), "utf8")).toBe("second");
    await mkdir(join(box.root, "dir"));
    await upload("dir", "x").expect(400);
  });

  it("take several files at once", async () => {
    const both = box.api.post(`/files?${V2024_10}`).attach("file", Buffer.from("1"), "1.txt");
    const answer = await both.attach("file", Buffer.from("2"), "2.txt").expect(200);
    expect(answer.body.map((file: { name: string }) => file.name)).toEqual(["1.txt", "2.txt"]);
  });

  it("over the limit are 413, leave nothing, and keep the earlier file of that name", async () => {
    await upload("big.bin", "old");
    await upload("big.bin", Buffer.alloc(1024 * 1024 + 1)).expect(413);
    expect(await readFile(join(box.root, "big.bin"), "utf8")).toBe("old");
    expect(await readdir(box.root)).toEqual(["big.bin"]);
    expect(await readdir(dirname(box.root))).toEqual(["data"]);
    await upload("big.bin", Buffer.alloc(1024 * 1024)).expect(200);
  });

  it("are invisible until they are complete, and vanish when the client does", async () => {
    const { port } = new URL(box.url);
    const headers = { "content-type": "multipart/form-data; boundary=B" };
    const sending = http.request({ port, host: "127.0.0.1", path: "/files", method: "POST", headers });
    sending.on("error", () => {});
    sending.write('--B\r\nContent-Disposition: form-data; name="file"; filename="slow.txt"\r\n\r\n');
    sending.write("x".repeat(200_000));
    const partial = () => readdir(dirname(box.root)).then((names) => names.length > 1);
    await expect.poll(partial, { timeout: 5_000 }).toBe(true);
    expect((await box.api.get("/files")).body).toEqual([]);
    expect(await readdir(box.root)).toEqual([]);
    sending.destroy();
    await expect.poll(partial, { timeout: 5_000 }).toBe(false);
    expect(await readdir(box.root)).toEqual([]);
  });

  it("of two files of which one is refused leave neither, nor a directory for them", async () => {
    const both = box.api.post(`/files?path=new&${V2024_10}`).attach("file", Buffer.from("1"), "1.txt");
    await both.attach("file", Buffer.alloc(1024 * 1024 + 1), "2.txt").expect(413);
    expect(await readdir(box.root)).toEqual([]);
    expect(await readdir(dirname(box.root))).toEqual(["data"]);
  });

  it.each(["hel", "hello\r\n--B", "hello\r\n--B\r\n"])(
    "that break off after %j leave nothing",
    async (rest) => {
      const start = '--B\r\nContent-Disposition: form-data; name="file"; filename="cut.txt"\r\n\r\n';
      const sending = box.api.post(`/files?${V2024_10}`).type("multipart/form-data; boundary=B");
      expect((await sending.send(start + rest).expect(400)).body.message).toMatch(/damaged|ended/);
      expect(await readdir(box.root)).toEqual([]);
      expect(await readdir(dirname(box.root))).toEqual(["data"]);
    },
  );

  it("that are no form are 400 with advice", async () => {
    const answer = await box.api.post(`/files?${V2024_10}`).send({ file: "x" }).expect(400);
    expect(answer.body.message).toContain("multipart/form-data");
  });
});

it("deletes a directory with all that is in it", async () => {
  await upload("a.txt", "x", "path=p/q");
  await box.api.delete("/files/p").expect(204);
  expect(await readdir(box.root)).toEqual([]);
});
