import { type RowResult, renderTable } from "./table.js";

/** `docs/benchmarks.md`. */
export function renderDocument(results: readonly RowResult[], machine: string): string {
  return `# Benchmarks

Written by \`npm run bench -- --write\`. One row alone: \`npm run bench -- pool-warm\`; their names: \`npm run bench -- --list\`.

Every row measures its floor, the same work without this project, in the same run and in turn with itself, so that
compare the ratio and not the times: machine and load change those. A goal that is not met is no failure of the run.

Machine: ${machine}.

${renderTable(results)}
`;
}
