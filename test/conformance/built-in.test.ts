import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "../docker/support/emulator.js";
import { flatExchanges } from "./recordings/built-in-flat.js";
import { legacyExchanges } from "./recordings/built-in-legacy.js";
import { observedExchanges } from "./recordings/built-in-observed.js";
import type { Exchange } from "./recordings/exchange.js";
import { conformanceTable } from "./table.js";

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

const all = [...legacyExchanges, ...flatExchanges, ...observedExchanges];
const RUNTIMES = ["docker", "embedded"] as const;
type Runtime = (typeof RUNTIMES)[number];
/** `<runtime> <id>` of what has been replayed well. */
const passed = new Set<string>();

/** Why an exchange is not replayed on a runtime; undefined when it is. */
function obstacle({ id, containerType }: Exchange, runtime: Runtime): string | undefined {
  if (NOT_REPLAYED[id] !== undefined) return NOT_REPLAYED[id];
  return runtime === "embedded" && containerType === "Shell" ? "Shell pools need Docker" : undefined;
}

/** Replaces what differs from run to run by its kind, and the recorded identifier by the one in use. */
function normalised(body: string, recorded: string, used: string): string {
  return body
    .replaceAll(recorded, used)
    .replace(/"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"id":"<guid>"')
    .replace(/"(lastModified\w+)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z"/g, '"$1":"<time>"')
    .replace(/"executionTimeInMilliseconds":\d+/g, '"executionTimeInMilliseconds":<ms>');
}

async function play(emulatorUrl: string, exchange: Exchange, identifier: string): Promise<Response> {
  const { request, containerType } = exchange;
  const { method, path, query, body, file } = request;
  const url = `${emulatorUrl}/pools/${POOLS[containerType]}${path}?identifier=${identifier}&${query}`;
  if (!file)
    return fetch(url, { method, ...(body && { body, headers: { "Content-Type": "application/json" } }) });
  const form = new FormData();
  form.set("file", new Blob([file.content]), file.name);
  return fetch(url, { method, body: form });
}

async function replay(emulatorUrl: string, exchange: Exchange, identifier: string): Promise<void> {
  const answer = await play(emulatorUrl, exchange, identifier);
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
}

const group = (from: Exchange[], pattern: RegExp) => from.filter(({ id }) => pattern.test(id));

/** Exchanges of one recording build on each other and share a session; what third parties tell stands alone. */
const CONVERSATIONS: { name: string; exchanges: Exchange[]; oneSession: boolean }[] = [
  { name: "A1, 2024-02-02-preview", exchanges: group(legacyExchanges, /^A1\./), oneSession: true },
  {
    name: "A1b, 2024-02-02-preview in its first months",
    exchanges: group(legacyExchanges, /^A1b\./),
    oneSession: true,
  },
  { name: "A2, NodeLTS", exchanges: group(legacyExchanges, /^A2\./), oneSession: true },
  { name: "A3, 2024-10-02-preview", exchanges: flatExchanges, oneSession: true },
  { name: "observations", exchanges: observedExchanges, oneSession: false },
];

describe.each(RUNTIMES)("on the %s runtime", (runtime) => {
  const shell = { name: "shell", containerType: "Shell" } as const;
  const emulator = emulatorForTests({
    runtime,
    pools: [
      { name: "python", containerType: "PythonLTS" },
      { name: "node", containerType: "NodeLTS" },
      ...(runtime === "docker" ? [shell] : []),
    ],
  });
  describe.each(CONVERSATIONS)("$name", ({ exchanges, oneSession }) => {
    const shared = newIdentifier();
    const replayed = exchanges.filter((exchange) => obstacle(exchange, runtime) === undefined);
    it.each(replayed.map((exchange) => [exchange.id, exchange.title, exchange] as const))(
      "%s: %s",
      async (id, _title, exchange) => {
        await replay(emulator.url, exchange, oneSession ? shared : newIdentifier());
        passed.add(`${runtime} ${id}`);
      },
    );
  });
});

afterAll(async () => {
  const rows = all.map((exchange) => {
    const results = RUNTIMES.map((runtime) => {
      const pass = passed.has(`${runtime} ${exchange.id}`) ? "pass" : undefined;
      return obstacle(exchange, runtime) ?? pass;
    });
    return { exchange, results };
  });
  // A run that was filtered or failed says nothing about the rest.
  if (rows.some(({ results }) => results.includes(undefined))) return;
  const file = fileURLToPath(new URL("../../docs/conformance.md", import.meta.url));
  await writeFile(file, conformanceTable(rows));
});
