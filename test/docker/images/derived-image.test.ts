import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { buildTestImage, containersForTests, dockerEngine, type TestSession } from "./support.js";

const DERIVED = "dse-test/derived:latest";

// Such hooks run last to first: this one after the containers are gone.
afterAll(async () => (await dockerEngine()).getImage(DERIVED).remove({ force: true }));
const containers = containersForTests();

const RECIPE = fileURLToPath(new URL("derived", import.meta.url));

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["base"]);
  await buildTestImage(RECIPE, DERIVED);
  session = await containers.startSession(DERIVED);
}, 900_000);

it("runs the kernel that the vendor's three-block recipe added, with the packages that pip installed", async () => {
  const answer = await session.execute(
    "import greeting, os\nprint(greeting.TEXT, '|', os.environ['KERNEL_OF'])",
  );
  expect(answer.result.stdout).toBe("hello from a pip package | the derived image\n");
});

it("keeps what its root block wrote", async () => {
  expect(await session.run("cat", "/opt/system-packages")).toMatch(/^apt /);
});
