import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedSession, embedded } from "./support.js";

let session: EmbeddedSession;
beforeAll(async () => {
  session = await embedded();
});
afterAll(() => session.close());

const V = "api-version=2024-10-02-preview";

function upload(name: string, content: Buffer, path = "") {
  const boundary = "a-boundary";
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const type = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return session.ask("POST", `/files?${V}&path=${encodeURIComponent(path)}`, body, type);
}

function download(name: string, path = "") {
  const query = `${V}&path=${encodeURIComponent(path)}`;
  return session.ask("GET", `/files/${encodeURIComponent(name)}/content?${query}`);
}

const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

describe("files", () => {
  it.each([["plain.bin"], ["with space.bin"], ["ünï-日本.bin"]])(
    "that are uploaded are there for code: %s",
    async (name) => {
      expect((await upload(name, BYTES)).status).toBe(200);
      const { value } = await session.run(
        `open("/mnt/data/${name}", "rb").read() == bytes(range(256)), open("/mnt/data/${name}", "rb").seek(0, 2)`,
      );
      expect(value).toBe("(True, 256)");
    },
  );

  it.each([["made.bin"], ["made there.bin"], ["größe.bin"]])(
    "that code writes can be downloaded: %s",
    async (name) => {
      await session.run(`with open("/mnt/data/${name}", "wb") as file: file.write(bytes(range(256)))`);
      const answer = await download(name);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(BYTES)).toBe(true);
    },
  );

  it("lie in subfolders for both", async () => {
    await session.run(
      "import os\nos.makedirs('/mnt/data/a/b', exist_ok=True)\nopen('/mnt/data/a/b/c.txt', 'w').write('deep')",
    );
    expect((await download("c.txt", "a/b")).body.toString()).toBe("deep");
    await upload("d.txt", Buffer.from("from outside"), "a/b");
    expect((await session.run("sorted(os.listdir('/mnt/data/a/b'))")).value).toBe("['c.txt', 'd.txt']");
    const { json } = await session.ask("GET", `/files?${V}&path=/mnt/data/a/b`);
    expect(json.value.map((file: { name: string }) => file.name)).toEqual(["c.txt", "d.txt"]);
  });

  it("that are deleted or replaced from outside are not remembered", async () => {
    await session.run("open('/mnt/data/x', 'w').write('one')\nopen('/mnt/data/x').read()");
    expect((await session.ask("DELETE", `/files/x?${V}`)).status).toBeLessThan(300);
    expect((await session.run("import os\nos.path.exists('/mnt/data/x')")).value).toBe(false);
    expect((await session.run("open('/mnt/data/x', 'w').write('again')")).value).toBe(5);
    await upload("x", Buffer.from("replaced"));
    expect((await session.run("open('/mnt/data/x').read()")).value).toBe("replaced");
    await session.ask("DELETE", `/files/x?${V}`);
    await session.run("os.mkdir('/mnt/data/x')\nopen('/mnt/data/x/y', 'w').write('')");
    expect((await session.run("os.listdir('/mnt/data/x')")).value).toBe("['y']");
  });

  it("that code deletes, moves or empties are so outside", async () => {
    await upload("one", Buffer.from("1"));
    await session.run(
      "import os, shutil\nos.rename('/mnt/data/one', '/mnt/data/two')\nshutil.copy('/mnt/data/two', '/mnt/data/three')",
    );
    expect((await download("one")).status).toBe(404);
    expect((await download("three")).body.toString()).toBe("1");
    await session.run("open('/mnt/data/three', 'w').close()\nos.remove('/mnt/data/two')");
    expect((await download("three")).body.length).toBe(0);
    expect((await download("two")).status).toBe(404);
  });

  it("are kept when the session's Python starts anew", async () => {
    await session.run("open('/mnt/data/kept', 'w').write('kept')\nexit()");
    expect((await session.run("open('/mnt/data/kept').read()")).value).toBe("kept");
  });
});

describe("of the host's files", () => {
  it("code sees its own two folders and nothing else", async () => {
    await session.run("import os");
    expect((await session.run("sorted(os.listdir('/'))")).value).toBe(
      "['dev', 'home', 'lib', 'mnt', 'proc', 'tmp']",
    );
    expect((await session.run("os.listdir('/mnt'), os.getcwd(), os.path.expanduser('~')")).value).toBe(
      "(['data'], '/home/ubuntu', '/home/ubuntu')",
    );
    for (const path of [session.folder, "/etc/passwd", process.cwd(), "/mnt/data/../../../../etc/passwd"]) {
      expect((await session.run(`os.path.exists(${JSON.stringify(path)})`)).value).toBe(false);
    }
  });

  it("code sees its home as a folder of its own", async () => {
    await session.run("open(os.path.expanduser('~/note'), 'w').write('at home')");
    expect(await readFile(join(session.folder, "home", "note"), "utf8")).toBe("at home");
  });

  it("none can be reached through a link", async () => {
    expect((await session.run("os.symlink('/etc', '/mnt/data/link')")).error).toBe("PermissionError");
    // Somebody else's doing: even then a link means what it means inside.
    await symlink("/etc/passwd", join(session.folder, "data", "planted"));
    await symlink("/etc", join(session.folder, "data", "planted-folder"));
    for (const path of ["planted", "planted-folder/passwd"]) {
      const { error } = await session.run(`open("/mnt/data/${path}").read()`);
      expect(error).toMatch(/FileNotFoundError|OSError|PermissionError/);
    }
    await mkdir(join(session.folder, "data", "real"));
    await writeFile(join(session.folder, "data", "real", "f"), "inside");
    expect((await session.run("open('/mnt/data/real/f').read()")).value).toBe("inside");
  });
});
