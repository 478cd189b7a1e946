import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedForTests, newIdentifier } from "../embedded/support.js";

const stateDir = await mkdtemp(path.join(os.tmpdir(), "dse-links-"));
const secrets = await mkdtemp(path.join(os.tmpdir(), "dse-secret-"));
const pools = [{ name: "node", containerType: "NodeLTS" as const, readySessionInstances: 0 }];
const embedded = embeddedForTests({ stateDir, pools });
const identifier = newIdentifier();
let data = "";

/** Links that the user's code cannot make; they are laid from outside. */
beforeAll(async () => {
  await writeFile(path.join(secrets, "secret.txt"), "a secret of the machine");
  await embedded.execute("node", identifier, "1");
  const [session] = await embedded.sessions();
  data = path.join(stateDir, "s", session?.container.slice(-8) ?? "", "b", "f", "data");
  await symlink(path.join(secrets, "secret.txt"), path.join(data, "file"));
  await symlink(secrets, path.join(data, "folder"));
  await mkdir(path.join(data, "plain"));
});
afterAll(async () => {
  for (const folder of [stateDir, secrets]) await rm(folder, { recursive: true, force: true });
});

it.each(["file", "folder/secret.txt"])(
  "does not follow the link %s out of the data directory",
  async (name) => {
    const address = `/files/${name.split("/").at(-1)}/content`;
    const folder = name.includes("/") ? "&path=folder" : "";
    const response = await fetch(embedded.address("node", address, identifier) + folder);
    expect(response.ok).toBe(false);
    expect(await response.text()).not.toContain("a secret of the machine");
    expect(
      await embedded.value("node", identifier, `require('fs').readFileSync('/mnt/data/${name}', 'utf8')`),
    ).toMatch(/failed: .*ENOENT/);
  },
);

it("does not write through a link either", async () => {
  await embedded.execute(
    "node",
    identifier,
    "require('fs').writeFileSync('/mnt/data/file', 'x'); require('fs').writeFileSync('/mnt/data/folder/new', 'x')",
  );
  const form = new FormData();
  form.append("file", new Blob(["x"]), "secret.txt");
  await fetch(`${embedded.address("node", "/files", identifier)}&path=folder`, {
    method: "POST",
    body: form,
  });
  expect(await readFile(path.join(secrets, "secret.txt"), "utf8")).toBe("a secret of the machine");
});

it("removes a link and not what it leads to", async () => {
  await embedded.execute(
    "node",
    identifier,
    "require('fs').rmSync('/mnt/data/folder', { recursive: true, force: true })",
  );
  await fetch(`${embedded.url}/_emulator/reset`, { method: "POST" });
  expect(await readFile(path.join(secrets, "secret.txt"), "utf8")).toBe("a secret of the machine");
});
