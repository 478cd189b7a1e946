import { randomBytes } from "node:crypto";
import { describe, it } from "vitest";
import { play } from "./play.js";
import type { Row } from "./row.js";
import { asynchronous } from "./rows/asynchronous.js";
import { downloads } from "./rows/downloads.js";
import { executions } from "./rows/executions.js";
import { files } from "./rows/files.js";
import { health } from "./rows/health.js";
import { locations } from "./rows/locations.js";
import { multipart } from "./rows/multipart.js";
import { recordings } from "./rows/recordings.js";
import { errors, values } from "./rows/values.js";
import { interpreterUnderTest, pythonImage } from "./target.js";

const target = interpreterUnderTest(pythonImage);

const groups: Record<string, Row[]> = {
  health,
  executions,
  values,
  errors,
  asynchronous,
  files,
  downloads,
  locations,
  multipart,
  recordings,
};

// Rows of a group share a session. Each keeps to names of its own, because outside of a pool there is only one.
describe.each(Object.entries(groups))("%s", (_group, rows) => {
  const identifier = `conformance-${randomBytes(6).toString("hex")}`;

  it.each(rows.map((row) => [row.id, row] as const))("%s", async (_id, row) => {
    await play(target, identifier, row);
  });
});
