// The tests of test/docker/egress.test.ts once more, with sessions reached through the gate.
process.env.DSE_REACH = "gate";
await import("../egress.test.js");
