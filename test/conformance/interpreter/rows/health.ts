import type { Row } from "../row.js";
import { V2024_08, V2024_10, V2025_10 } from "../shapes.js";

const healthy = [
  { status: 200, json: { message: "healthy" } },
  { status: 200, json: "healthy" },
];

/** Health (byoc 2.4, 3.1, 3.7). */
export const health: Row[] = [
  ...[V2024_08, V2024_10, V2025_10].map(
    (query): Row => ({
      id: `byoc 3.1 health, ${query}`,
      ask: { path: "/health", query },
      ours: { status: 200, json: { message: "healthy" } },
      others: healthy,
    }),
  ),
  {
    id: "byoc 3.7 health, 2026: a bare string",
    ask: { path: "/health" },
    ours: { status: 200, json: "healthy" },
    others: healthy,
  },
  {
    id: "byoc 2.4 startup, 2026",
    ask: { path: "/health/startup" },
    ours: { status: 200, json: "healthy" },
    others: [{ status: 200 }, { status: 404 }],
  },
  {
    id: "byoc 3.1 GET /, ancestor",
    ask: { path: "/" },
    ours: { status: 200 },
    others: [{ status: 404 }],
  },
  {
    id: "byoc 3.1 nothing else is there",
    ask: { path: "/nowhere", query: V2024_10 },
    ours: { status: 404, json: { message: "There is no GET /nowhere in this interpreter." } },
    others: [{ status: 404 }],
  },
];
