import fc from "fast-check";

/** Text that has bitten somebody before. */
export const oddText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "../../etc/passwd",
    "%00",
    "%",
    "%zz",
    "a\nb: c",
    "😀😀😀😀",
    "__proto__",
    "é".repeat(64),
  ),
  fc.nat({ max: 3 }).map((power) => "x".repeat(10 ** power)),
);

/** Text in a URL: encoded once, twice, or only as far as a request line needs it. */
export const inUrl = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.constantFrom("once", "twice", "hardly")).map(([value, how]) => {
    const once = encodeURIComponent(Buffer.from(value, "utf8").toString("utf8"));
    if (how === "once") return once;
    return how === "twice" ? encodeURIComponent(once) : value.replace(/[^!-~]/g, "_").replace(/[?#]/g, "_");
  });

/** One segment of a path as it goes over the wire. */
export const oddSegment = fc.oneof(
  inUrl(oddText),
  fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2fetc",
    "%252e%252e%252f",
    "%c3",
    "%c3%28",
    "a%00b",
    "a%0d%0ab",
    "con",
    "content",
    "\\..\\x",
    "%5c..%5c",
    "a;b=c",
    "~",
  ),
);

/** A version that exists, or nearly. */
export const apiVersion = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "2024-02-02-preview",
      "2024-10-02-preview",
      "2025-02-02-preview",
      "2025-10-02-preview",
    ),
  },
  { weight: 1, arbitrary: inUrl(oddText) },
);
