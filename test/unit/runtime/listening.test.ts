import { expect, it } from "vitest";
import { listeningPorts } from "../../../src/runtime/docker/listening.js";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

it("finds listening ports of both address families, once, without the engine's DNS", () => {
  const text = [
    HEAD,
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0",
    "   1: 0B00007F:9C4B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0",
    "   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1",
    HEAD,
    "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0",
    "   1: 00000000000000000000000001000000:1770 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0",
  ].join("\n");
  expect(listeningPorts(text)).toEqual([6000, 8080]);
});

it("finds none in an empty table", () => {
  expect(listeningPorts(`${HEAD}\n`)).toEqual([]);
});
