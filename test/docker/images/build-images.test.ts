import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import {
  type ImageSources,
  imageReference,
  packagedSources,
} from "../../../src/runtime/docker/images/catalog.js";
import { ensureImages, missingImages } from "../../../src/runtime/docker/images/ensure-images.js";
import type { ImageProgress } from "../../../src/runtime/docker/images/progress.js";
import { dockerEngine } from "./support.js";

let docker: Docker;
let folder: string;

beforeAll(async () => {
  docker = await dockerEngine();
  folder = await mkdtemp(path.join(tmpdir(), "dse-images-"));
  await buildImages(docker, ["relay", "base"]);
}, 900_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await buildImages(docker, ["relay"]);
});

/** The package's image sources with another Dockerfile for the relay. */
async function sourcesWith(dockerfile: string): Promise<ImageSources> {
  const images = await mkdtemp(path.join(folder, "case-"));
  await cp(packagedSources().images, images, { recursive: true });
  await writeFile(path.join(images, "relay/Dockerfile"), dockerfile);
  return { ...packagedSources(), images };
}

it("leaves images alone whose files have not changed, parents first", async () => {
  const before = await docker.getImage(imageReference("base")).inspect();
  const progress: ImageProgress[] = [];
  const results = await buildImages(docker, ["base", "relay"], {
    onProgress: (event) => progress.push(event),
  });
  expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
    ["system", "unchanged"],
    ["base", "unchanged"],
    ["relay", "unchanged"],
  ]);
  expect(progress.map(({ kind }) => kind)).toEqual(["unchanged", "unchanged", "unchanged"]);
  expect((await docker.getImage(imageReference("base")).inspect()).Id).toBe(before.Id);
});

it("tags the package's version too", async () => {
  const { RepoTags } = await docker.getImage(imageReference("relay")).inspect();
  expect(RepoTags).toContain(imageReference("relay", packagedSources().version));
});

it("builds anew what has changed, and says each step", async () => {
  const sources = await sourcesWith('FROM debian:trixie-slim\nCOPY relay.c /relay\nENTRYPOINT ["/relay"]\n');
  const steps: string[] = [];
  const onProgress = (event: ImageProgress): void => {
    if (event.kind === "step") steps.push(`${event.step} ${event.text}`);
  };
  const [result] = await buildImages(docker, ["relay"], { sources, onProgress });
  const changed = (await docker.getImage(imageReference("relay")).inspect()).Id;
  expect(result?.outcome).toBe("built");
  expect(steps.slice(0, 3)).toEqual([
    "1 FROM debian:trixie-slim",
    "2 COPY relay.c /relay",
    '3 ENTRYPOINT ["/relay"]',
  ]);
  await buildImages(docker, ["relay"]);
  expect((await docker.getImage(imageReference("relay")).inspect()).Id).not.toBe(changed);
  await expect(docker.getImage(changed).inspect(), "the replaced image is removed").rejects.toThrow(/404/);
});

it("names the step that failed and keeps what it printed", async () => {
  const sources = await sourcesWith("FROM debian:trixie-slim\nRUN echo about to fail; exit 7\n");
  await expect(buildImages(docker, ["relay"], { sources })).rejects.toMatchObject({
    message: expect.stringMatching(/image 'relay'.*step 2\/\d+ \(RUN echo about to fail; exit 7\).*code: 7/),
    details: expect.stringContaining("about to fail"),
  });
});

it("names the script that provides the base image when it cannot be pulled", async () => {
  const sources = await sourcesWith("FROM 127.0.0.1:9/nothing:here\n");
  await expect(buildImages(docker, ["relay"], { sources })).rejects.toThrow(
    /127\.0\.0\.1:9\/nothing:here is not there and could not be pulled .*npm run engine -- --base/,
  );
});

it("says how to make the interpreter's bundle when it is missing", async () => {
  const sources = { ...packagedSources(), interpreter: path.join(folder, "interpreter.mjs") };
  await expect(buildImages(docker, ["base"], { sources })).rejects.toThrow(
    /interpreter\.mjs is not there: run npm run build/,
  );
});

it("ensures the project's own images and no others", async () => {
  const references = ["my-byoc:dev", imageReference("relay"), "dynamic-sessions/python:0.0.0-old"];
  const results = await ensureImages(docker, references);
  expect(results.map(({ name }) => name)).toEqual(["relay"]);
  expect(await missingImages(docker, ["relay"])).toEqual([]);
});
