import { describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "../docker/support/emulator.js";
import { flatExchanges } from "./recordings/built-in-flat.js";
import { legacyExchanges } from "./recordings/built-in-legacy.js";
import type { Exchange } from "./recordings/exchange.js";

const emulator = emulatorForTests({ pools: [{ name: "python", containerType: "PythonLTS" }] });

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

/** Replaces what differs from run to run by its kind, and the recorded identifier by the one in use. */
function normalised(body: string, recorded: string, used: string): string {
  return body
    .replaceAll(recorded, used)
    .replace(/"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"id":"<guid>"')
    .replace(/"(lastModified\w+)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z"/g, '"$1":"<time>"')
    .replace(/"executionTimeInMilliseconds":\d+/g, '"executionTimeInMilliseconds":<ms>');
}

async function play(exchange: Exchange, identifier: string): Promise<Response> {
  const { method, path, query, body, file } = exchange.request;
  const url = `${emulator.url}/pools/python${path}?identifier=${identifier}&${query}`;
  if (!file)
    return fetch(url, { method, ...(body && { body, headers: { "Content-Type": "application/json" } }) });
  const form = new FormData();
  form.set("file", new Blob([file.content]), file.name);
  return fetch(url, { method, body: form });
}

// Exchanges of one recording build on each other, so they run in order in one session.
describe.each([
  ["A1, 2024-02-02-preview", legacyExchanges.filter(({ id }) => /^A1\./.test(id))],
  ["A1b, 2024-02-02-preview in its first months", legacyExchanges.filter(({ id }) => /^A1b\./.test(id))],
  ["A3, 2024-10-02-preview", flatExchanges],
])("recordings %s", (_name, exchanges) => {
  const identifier = newIdentifier();

  it.each(exchanges.map((exchange) => [exchange.id, exchange.title, exchange] as const))(
    "%s: %s",
    async (_id, _title, exchange) => {
      const answer = await play(exchange, identifier);
      const recorded = exchange.response;
      expect(answer.status).toBe(recorded.status);
      const text = await answer.text();
      const expected = recorded.body ?? "";
      expect(normalised(text, identifier, identifier)).toBe(
        normalised(expected, exchange.request.identifier, identifier),
      );
      const names = exchange.request.path.includes("exec")
        ? [...SERVICE_HEADERS, ...EXECUTION_HEADERS]
        : SERVICE_HEADERS;
      for (const name of names) expect(answer.headers.get(name), name).toBeTruthy();
    },
  );
});
