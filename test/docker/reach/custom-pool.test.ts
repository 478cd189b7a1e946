// The tests of test/docker/custom-pool.test.ts once more, with sessions reached through the gate.
process.env.DSE_REACH = "gate";
await import("../custom-pool.test.js");
