import { defineConfig } from "vitest/config";

/** Real containers: one file at a time, so that the machine's speed and not the tests sets the pace. */
const inContainers = {
  globalSetup: ["test/docker/support/global-setup.ts"],
  fileParallelism: false,
  testTimeout: 180_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      { test: { name: "docker", include: ["test/{docker,conformance}/**/*.test.ts"], ...inContainers } },
      { test: { name: "faults", include: ["test/faults/**/*.test.ts"], ...inContainers } },
    ],
  },
});
