import { randomBytes } from "node:crypto";
import { it } from "vitest";
import { play } from "./play.js";
import { shell } from "./rows/shell.js";
import { interpreterUnderTest, shellImage } from "./target.js";

const target = interpreterUnderTest(shellImage);
const identifier = `conformance-${randomBytes(6).toString("hex")}`;

it.each(shell.map((row) => [row.id, row] as const))("%s", async (_id, row) => {
  await play(target, identifier, row);
});
