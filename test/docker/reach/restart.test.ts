// The tests of test/docker/restart.test.ts once more, with sessions reached through the gate.
process.env.DSE_REACH = "gate";
await import("../restart.test.js");
