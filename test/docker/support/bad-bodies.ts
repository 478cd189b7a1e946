import fc from "fast-check";
import { oddText } from "./odd-text.js";

const MEMBERS = [
  "code",
  "pythonCode",
  "shellCommand",
  "execCommandAndArgs",
  "stdin",
  "codeInputType",
  "executionType",
  "timeoutInSeconds",
  "outputStreamsMaxLength",
  "identifier",
  "properties",
  "advanceSeconds",
];

/** A value of the wrong type more often than not; never a program that would do something. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "",
    0,
    -1,
    1e308,
    0.5,
    [],
    {},
    ["a", 1],
    "asynchronous",
    "InlineBase64",
    "1",
    "😀",
  ),
  fc.object({ maxDepth: 2, maxKeys: 3 }),
);

/** Members of an execution, some of them wrong, around a program that is there and harmless or is not there. */
const oddExecution = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...MEMBERS), oddValue, { maxKeys: 3 }),
    fc.constantFrom(
      {},
      { code: "1", shellCommand: "true" },
      { code: "\0", shellCommand: "a\0b" },
      { code: "\ud800", shellCommand: "\udfff" },
      { code: "1", execCommandAndArgs: ["/no/such/program"] },
      { code: "%", execCommandAndArgs: [""] },
      { code: ")", execCommandAndArgs: ["echo", "a\0b"] },
      { code: "1", shellCommand: "cat", stdin: "\udfff\0" },
      { code: "1", shellCommand: `true ${"x".repeat(200_000)}` },
    ),
  )
  .map((members) => Object.assign({}, ...members));

/** Bodies of executions, well-formed or not. */
export const oddJson = fc.oneof(
  { weight: 4, arbitrary: oddExecution.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: oddExecution.map((properties) => JSON.stringify({ properties })) },
  fc.json(),
  fc.tuple(fc.json(), fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
  fc.constantFrom(
    "",
    "{",
    '{"code":',
    "null",
    "[",
    "[".repeat(100_000),
    `{"code":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
    '{"__proto__":{"code":"1"}}',
    '{"code":"\\ud800"}',
    "\uFEFF{}",
    "NaN",
  ),
);

const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: usual }, { weight: 1, arbitrary: odd });

const RPC_METHODS = [
  "initialize",
  "ping",
  "tools/list",
  "tools/call",
  "notifications/initialized",
  "toString",
];
const RPC_TOOLS = ["launchShell", "runPythonCodeInRemoteEnvironment", "runShellCommandInRemoteEnvironment"];
const RPC_ARGUMENTS = ["environmentId", "pythonCode", "shellCommand", "execCommandAndArgs"];

const toolCall = fc.record({
  name: mostly(fc.constantFrom<unknown>(...RPC_TOOLS), oddValue),
  arguments: mostly<unknown>(fc.dictionary(fc.constantFrom(...RPC_ARGUMENTS), oddValue), oddValue),
});

const rpcMessage = fc.record(
  {
    jsonrpc: mostly(fc.constant<unknown>("2.0"), oddValue),
    method: mostly(fc.constantFrom<unknown>(...RPC_METHODS, "tools/call", "tools/call"), oddValue),
    id: mostly(fc.constantFrom<unknown>(1, "a"), oddValue),
    params: mostly<unknown>(toolCall, oddValue),
  },
  { requiredKeys: ["jsonrpc", "method"] },
);

/** JSON-RPC messages and batches with something odd about them. */
export const oddRpc = fc.oneof(
  { weight: 6, arbitrary: rpcMessage.map((message) => JSON.stringify(message)) },
  { weight: 1, arbitrary: fc.array(rpcMessage, { maxLength: 4 }).map((batch) => JSON.stringify(batch)) },
  { weight: 1, arbitrary: oddJson },
);

const PART = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
/** Multipart with something wrong about it, or an odd file name in an otherwise good one. */
export const oddMultipart = fc.oneof(
  fc.constantFrom(
    "--b--\r\n",
    "--b\r\n",
    `--b\r\n${PART}cut off`,
    `--b\r\n${PART}cut off\r\n--b`,
    '--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
    "--b\r\n\r\nno headers\r\n--b--\r\n",
    "--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n",
    `--b\r\n${PART}1\r\n--b\r\n${PART}2\r\n--b--\r\n`,
    `--b\n${PART.replaceAll("\r", "")}x\n--b--\n`,
    `--other\r\n${PART}x\r\n--other--\r\n`,
    `--b\r\nContent-Disposition: form-data; name="file"; filename="${"n".repeat(70_000)}"\r\n\r\nx\r\n--b--\r\n`,
    `--b\r\n${"X-Many: 1\r\n".repeat(3_000)}${PART}x\r\n--b--\r\n`,
  ),
  oddText.map(
    (name) =>
      `--b\r\nContent-Disposition: form-data; name="file"; filename="${name.replace(/["\r\n]/g, "_")}"\r\n\r\nx\r\n--b--\r\n`,
  ),
  fc.string({ unit: "binary", maxLength: 200 }),
);

/** Content types that announce multipart, rightly or wrongly. */
export const multipartType = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("multipart/form-data; boundary=b", 'multipart/form-data; boundary="b"'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "multipart/form-data",
      "multipart/form-data; boundary=",
      `multipart/form-data; boundary=${"b".repeat(300)}`,
      "multipart/mixed; boundary=b",
      "multipart/; boundary=b",
      "multipart/form-data; boundary=b; boundary=c",
      "application/json",
    ),
  },
);
