import { describe, expect, it } from "vitest";
import { renderDocument } from "../../bench/support/document.js";
import { p50AtMost, ratioAtMost } from "../../bench/support/goals.js";
import { readOrder } from "../../bench/support/order.js";
import { renderTable } from "../../bench/support/table.js";

const results = [
  {
    name: "fast",
    lines: [
      {
        what: "one thing",
        unit: "ms" as const,
        samples: [1, 2, 30],
        floor: { what: "the least", samples: [1] },
        goals: [ratioAtMost(1.5), p50AtMost(15, "ms")],
        note: "mind this",
      },
      { what: "memory", unit: "MiB" as const, samples: [123.4], goals: [] },
    ],
  },
];

describe("the table", () => {
  const [headings, rule, ...rows] = renderTable(results).split("\n");
  const cells = (row = "") => row.split("|").map((cell) => cell.trim());

  it("has floor, measurement, ratio and each goal with its verdict", () => {
    const row = ["fast: one thing", "the least", "1.00 ms", "2.00 ms", "30.0 ms", "30.0 ms", "2.00 ×"];
    expect(cells(rows[0])).toEqual(["", ...row, "≤ 1.5 ×, p50 ≤ 15 ms", "no, yes", ""]);
    expect(cells(headings)).toHaveLength(cells(rows[0]).length);
    expect(rule).toMatch(/^\|[-|]+\|$/);
  });

  it("shows no spread of a single sample, and nothing where there is no floor and no goal", () => {
    expect(cells(rows[1])).toEqual(["", "fast: memory", "–", "–", "123 MiB", "–", "–", "–", "–", "–", ""]);
  });

  it("is followed by what a reader must know", () => {
    expect(rows.at(-1)).toBe("- fast: one thing: mind this");
  });
});

it("the document names the machine", () => {
  expect(renderDocument(results, "2 × something")).toContain("Machine: 2 × something.");
});

describe("the words of the command line", () => {
  const known = ["one", "two"];

  it("mean every row when there are none, else the named ones in the table's order", () => {
    expect(readOrder([], known)).toEqual({ rows: ["one", "two"], write: false, list: false });
    expect(readOrder(["two", "one"], known).rows).toEqual(["one", "two"]);
    expect(readOrder(["two"], known).rows).toEqual(["two"]);
    expect(readOrder(["--write"], known).write).toBe(true);
    expect(readOrder(["--list"], known).list).toBe(true);
  });

  it("are refused with what there is", () => {
    expect(() => readOrder(["three"], known)).toThrow("'three' is neither --write nor --list nor a row");
    expect(() => readOrder(["--fast"], known)).toThrow("the rows are one, two");
    expect(() => readOrder(["one", "--write"], known)).toThrow("--write replaces the whole table");
  });
});
