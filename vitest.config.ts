import { defineConfig } from "vitest/config";

/** Real containers. */
const inContainers = {
  globalSetup: ["test/docker/support/global-setup.ts"],
  testTimeout: 180_000,
  hookTimeout: 300_000,
};

/** Build another image under a name that sessions are started from, or count what other files start as well. */
const alone = [
  "test/docker/images/build-images.test.ts",
  "test/docker/process.test.ts",
  "test/docker/doctor/stop.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "docker",
          include: ["test/{docker,conformance}/**/*.test.ts"],
          exclude: alone,
          ...inContainers,
          // Most of the time goes into waiting for containers; more files at once would only make them slower.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "docker-alone",
          include: alone,
          ...inContainers,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          ...inContainers,
          // What is killed and counted must be the file's own.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
