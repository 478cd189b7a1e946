import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "../docker/support/emulator.js";
import { flatExchanges } from "./recordings/built-in-flat.js";
import { legacyExchanges } from "./recordings/built-in-legacy.js";
import { observedExchanges } from "./recordings/built-in-observed.js";
import type { Exchange } from "./recordings/exchange.js";
import { conformanceTable } from "./table.js";

const emulator = emulatorForTests({
  pools: [
    { name: "python", containerType: "PythonLTS" },
    { name: "node", containerType: "NodeLTS" },
    { name: "shell", containerType: "Shell" },
  ],
});
const POOLS = { PythonLTS: "python", NodeLTS: "node", Shell: "shell" };

const SERVICE_HEADERS = ["mise-correlation-id", "api-supported-versions", "server", "x-powered-by"];
const EXECUTION_HEADERS = [
  "x-ms-allocation-retries",
  "x-ms-allocation-time",
  "x-ms-container-execution-duration",
  "x-ms-execution-read-response-time",
  "x-ms-execution-request-time",
  "x-ms-overall-execution-time",
  "x-ms-preparation-time",
  "x-ms-session-guid",
  "x-ms-total-execution-service-time",
];

/** Exchanges that are not replayed, and why. Their translation is covered by test/unit/service all the same. */
const NOT_REPLAYED: Readonly<Record<string, string>> = {
  E5: "takes the service's own limit of 220 s; the words are checked with a shorter one in test/docker/interpreter",
  E6: "which of the service's words comes depends on what the memory's end hits first; see test/docker/interpreter",
  E10: "told of a session whose files are not known; lists are replayed by A1.3 and A3.3",
  F5: "a list of two files from the documentation; the counting of $id is covered by test/unit/service",
};

const passed = new Map<string, Exchange>();

/** Replaces what differs from run to run by its kind, and the recorded identifier by the one in use. */
function normalised(body: string, recorded: string, used: string): string {
  return body
    .replaceAll(recorded, used)
    .replace(/"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"id":"<guid>"')
    .replace(/"(lastModified\w+)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z"/g, '"$1":"<time>"')
    .replace(/"executionTimeInMilliseconds":\d+/g, '"executionTimeInMilliseconds":<ms>');
}

async function play({ request, containerType }: Exchange, identifier: string): Promise<Response> {
  const { method, path, query, body, file } = request;
  const url = `${emulator.url}/pools/${POOLS[containerType]}${path}?identifier=${identifier}&${query}`;
  if (!file)
    return fetch(url, { method, ...(body && { body, headers: { "Content-Type": "application/json" } }) });
  const form = new FormData();
  form.set("file", new Blob([file.content]), file.name);
  return fetch(url, { method, body: form });
}

async function replay(exchange: Exchange, identifier: string): Promise<void> {
  const answer = await play(exchange, identifier);
  const { response, request, evidence } = exchange;
  expect(answer.status).toBe(response.status);
  const text = await answer.text();
  if (evidence === "recorded") {
    const expected = normalised(response.body ?? "", request.identifier, identifier);
    expect(normalised(text, identifier, identifier)).toBe(expected);
    const executes = /exec/.test(request.path);
    const names = executes ? [...SERVICE_HEADERS, ...EXECUTION_HEADERS] : SERVICE_HEADERS;
    for (const name of names) expect(answer.headers.get(name), name).toBeTruthy();
  } else {
    if (response.body !== undefined) {
      const expected = normalised(response.body, request.identifier, identifier);
      expect(normalised(text, identifier, identifier)).toBe(expected);
    }
    if (response.stderr !== undefined) {
      const body = JSON.parse(text) as { status: string; result: { stderr: string } };
      expect(body.status).toBe("Failed");
      expect(body.result.stderr).toContain(response.stderr);
    } else if (response.contains !== undefined) {
      const contains = JSON.stringify(response.contains).replaceAll(request.identifier, identifier);
      expect(JSON.parse(text)).toMatchObject(JSON.parse(contains));
    }
  }
  passed.set(exchange.id, exchange);
}

const replayed = ({ id }: Exchange) => NOT_REPLAYED[id] === undefined;
const group = (all: Exchange[], pattern: RegExp) => all.filter(({ id }) => pattern.test(id));

// Exchanges of one recording build on each other, so they run in order in one session.
describe.each([
  ["A1, 2024-02-02-preview", group(legacyExchanges, /^A1\./)],
  ["A1b, 2024-02-02-preview in its first months", group(legacyExchanges, /^A1b\./)],
  ["A2, NodeLTS", group(legacyExchanges, /^A2\./)],
  ["A3, 2024-10-02-preview", flatExchanges],
])("recordings %s", (_name, exchanges) => {
  const identifier = newIdentifier();
  it.each(exchanges.map((exchange) => [exchange.id, exchange.title, exchange] as const))(
    "%s: %s",
    (_id, _title, exchange) => replay(exchange, identifier),
  );
});

// What third parties and the documentation tell stands alone.
describe("observations", () => {
  it.each(
    observedExchanges.filter(replayed).map((exchange) => [exchange.id, exchange.title, exchange] as const),
  )("%s: %s", (_id, _title, exchange) => replay(exchange, newIdentifier()));
});

afterAll(async () => {
  const all = [...legacyExchanges, ...flatExchanges, ...observedExchanges];
  // A run that was filtered or failed says nothing about the rest.
  if (all.some((exchange) => replayed(exchange) && !passed.has(exchange.id))) return;
  const file = fileURLToPath(new URL("../../docs/conformance.md", import.meta.url));
  await writeFile(file, conformanceTable(all, NOT_REPLAYED));
});
