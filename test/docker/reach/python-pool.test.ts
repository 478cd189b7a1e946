// The tests of test/docker/python-pool.test.ts once more, with sessions reached through the gate.
process.env.DSE_REACH = "gate";
await import("../python-pool.test.js");
