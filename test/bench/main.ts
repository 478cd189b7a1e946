import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { rows } from "./rows.js";
import { Cleanup } from "./support/cleanup.js";
import { renderDocument } from "./support/document.js";
import { describeMachine } from "./support/machine.js";
import { OrderError, readOrder } from "./support/order.js";
import type { BenchContext, Row } from "./support/row.js";
import { type RowResult, renderTable } from "./support/table.js";

const DOCUMENT = "docs/benchmarks.md";

function say(line: string): void {
  process.stderr.write(`[bench] ${line}\n`);
}

/** Measures the rows one after the other. A row that breaks is told of and leaves the others alone. */
async function main(words: readonly string[]): Promise<void> {
  const order = readOrder(
    words,
    rows.map(({ name }) => name),
  );
  if (order.list) {
    process.stdout.write(`${order.rows.join("\n")}\n`);
    return;
  }
  const { docker, address } = await findEngine();
  const dockerHost = process.env.DOCKER_HOST ?? `unix://${address}`;
  // Short: sockets lie below it, and their paths may have about 100 characters.
  const folder = await mkdtemp(path.join(os.tmpdir(), "dsb-"));
  const cleanup = new Cleanup();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanup.run().finally(() => process.exit(130)));
  }
  const context: BenchContext = { docker, dockerHost, folder, say, onEnd: (undo) => cleanup.add(undo) };
  const results: RowResult[] = [];
  try {
    for (const row of rows.filter(({ name }) => order.rows.includes(name))) {
      const result = await measure(row, context, cleanup);
      if (result) results.push(result);
      else process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (results.length > 0) process.stdout.write(`${renderTable(results)}\n`);
  if (!order.write) return;
  if (process.exitCode) {
    say(`${DOCUMENT} stays as it is, since not every row could be measured`);
    return;
  }
  await writeFile(DOCUMENT, renderDocument(results, await describeMachine(docker)));
  say(`wrote ${DOCUMENT}`);
}

async function measure(row: Row, context: BenchContext, cleanup: Cleanup): Promise<RowResult | undefined> {
  const startedAt = performance.now();
  try {
    const lines = await row.measure(context);
    say(`${row.name}: measured in ${Math.round((performance.now() - startedAt) / 1000)} s`);
    return { name: row.name, lines };
  } catch (error) {
    say(`${row.name}: broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return undefined;
  } finally {
    await cleanup.run();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OrderError)) throw error;
  say(error.message);
  process.exitCode = 2;
}
