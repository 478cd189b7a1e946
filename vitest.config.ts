import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
      },
      {
        // Real containers: one file at a time, so that the machine's speed and not the tests sets the pace.
        test: {
          name: "docker",
          include: ["test/{docker,conformance,faults}/**/*.test.ts"],
          globalSetup: ["test/docker/support/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
