import { ratioOf } from "./goals.js";
import type { Line } from "./row.js";
import { spreadOf } from "./statistics.js";

const HEADINGS = ["row", "floor", "floor p50", "p50", "p95", "max", "ratio", "goal", "met"];

/** A row's name and the lines that it measured. */
export interface RowResult {
  name: string;
  lines: readonly Line[];
}

/** The results as a Markdown table whose columns also stand in line in a terminal, notes below it. */
export function renderTable(results: readonly RowResult[]): string {
  const rows = results.flatMap(({ name, lines }) => lines.map((line) => cells(name, line)));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const render = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const notes = results.flatMap(({ name, lines }) =>
    lines.flatMap(({ what, note }) => (note ? [`- ${name}: ${what}: ${note}`] : [])),
  );
  return [render(HEADINGS), rule, ...rows.map(render), ...(notes.length > 0 ? ["", ...notes] : [])].join(
    "\n",
  );
}

function cells(name: string, line: Line): string[] {
  const measured = spreadOf(line.samples);
  const floor = line.floor && spreadOf(line.floor.samples);
  const ratio = ratioOf({ measured, floor });
  const goals = line.goals.map((goal) => ({ text: goal.text, met: goal.isMet({ measured, floor }) }));
  const value = (number: number) => `${rounded(number)} ${line.unit}`;
  const single = measured.count === 1;
  return [
    `${name}: ${line.what}`,
    line.floor?.what ?? "–",
    floor ? value(floor.p50) : "–",
    value(measured.p50),
    single ? "–" : value(measured.p95),
    single ? "–" : value(measured.max),
    ratio === undefined ? "–" : `${ratio.toFixed(2)} ×`,
    goals.map(({ text }) => text).join(", ") || "–",
    goals.map(({ met }) => (met ? "yes" : "no")).join(", ") || "–",
  ];
}

/** Three significant digits are more than a noisy machine gives. */
function rounded(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
