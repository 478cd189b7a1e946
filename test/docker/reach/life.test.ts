// The tests of test/docker/life.test.ts once more, with sessions reached through the gate.
process.env.DSE_REACH = "gate";
await import("../life.test.js");
