import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { buildTestImage, containersForTests, dockerEngine, type TestSession } from "./support.js";

// The example of docs/byoc.md: one more language by a Dockerfile and a YAML.
const EXAMPLE = fileURLToPath(new URL("octave", import.meta.url));
const GUIDE = fileURLToPath(new URL("../../../docs/byoc.md", import.meta.url));
const IMAGE = "dse-test/octave:latest";

// Such hooks run last to first: this one after the containers are gone.
afterAll(async () => (await dockerEngine()).getImage(IMAGE).remove({ force: true }));
const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["base"]);
  await buildTestImage(EXAMPLE, IMAGE);
  session = await containers.startSession(IMAGE);
}, 900_000);

it.each(["Dockerfile", "codeInterpreterConf.yaml"])("is what the guide shows: %s", async (name) => {
  expect(await readFile(GUIDE, "utf8")).toContain(
    `\n${await readFile(`${EXAMPLE}/${name}`, "utf8")}\`\`\`\n`,
  );
});

it("runs Octave and keeps its variables", async () => {
  expect((await session.execute("x = [1 2; 3 4];")).status).toBe("Succeeded");
  const { result } = await session.execute("disp(sum(x(:)))");
  expect(result).toMatchObject({ stdout: expect.stringMatching(/^10\s*$/), stderr: "" });
});

it("shares the data directory with the files API", async () => {
  await session.execute("f = fopen('/mnt/data/out.txt', 'w'); fputs(f, 'by octave'); fclose(f);");
  expect(await session.get("/files/out.txt/content?api-version=2025-10-02-preview")).toBe("by octave");
});

it("is healthy", async () => {
  expect(await session.get("/health")).toMatch(/"healthy"/);
});
