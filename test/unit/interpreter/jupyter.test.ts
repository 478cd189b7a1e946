import { describe, expect, it } from "vitest";
import { RunTracker } from "../../../src/interpreter/execution/run-tracker.js";
import {
  decodeDefault,
  decodeV1,
  encodeDefault,
  encodeV1,
  FrameError,
} from "../../../src/interpreter/jupyter/codec.js";
import { type Message, request } from "../../../src/interpreter/jupyter/messages.js";

const RUN = "run-1";

function said(type: string, content: Record<string, unknown>, parent: string | undefined = RUN): Message {
  const message = request(type.endsWith("reply") ? "shell" : "iopub", type, "kernel", content);
  return { ...message, parent_header: parent === undefined ? {} : { msg_id: parent } };
}

const reply = (more: Record<string, unknown> = {}) => said("execute_reply", { status: "ok", ...more });
const idle = said("status", { execution_state: "idle" });
const busy = said("status", { execution_state: "busy" });
const stdout = (text: string) => said("stream", { name: "stdout", text });
const result = (text: string) => said("execute_result", { data: { "text/plain": text } });
const picture = (png: string) =>
  said("display_data", { data: { "image/png": png, "text/plain": "<Figure>" } });

function ran(messages: Message[], limit = 4096) {
  const tracker = new RunTracker(RUN, limit);
  for (const message of messages) tracker.accept(message);
  return { tracker, outcome: tracker.outcome(5) };
}

describe("the end of a run", () => {
  it.each([
    ["reply then idle", [busy, reply(), idle], true],
    ["idle then reply", [busy, idle, reply()], true],
    ["only the reply", [busy, reply()], false],
    ["only idle", [busy, idle], false],
    ["idle of another run", [reply(), said("status", { execution_state: "idle" }, "other")], false],
    ["a status without parent", [reply(), { ...idle, parent_header: {} }], false],
  ])("%s", (_what, messages, finished) => {
    expect(ran(messages).tracker.finished).toBe(finished);
  });

  it("takes output that comes after the reply", () => {
    expect(ran([reply(), result("2"), stdout("late"), idle]).outcome).toMatchObject({
      value: 2,
      stdout: "late",
    });
  });

  it("is known by its reply alone where idle may be lost", () => {
    expect(ran([busy, reply()]).tracker.hasReplied).toBe(true);
    expect(ran([busy, idle]).tracker.hasReplied).toBe(false);
  });

  it("is worth waiting for a value only without value and error", () => {
    expect(ran([reply(), idle]).tracker.mayGetValue).toBe(true);
    expect(ran([result("1"), reply(), idle]).tracker.mayGetValue).toBe(false);
    const failed = reply({ status: "error", ename: "E", evalue: "v", traceback: [] });
    expect(ran([failed, idle]).tracker.mayGetValue).toBe(false);
  });

  it("sees that the code asked the kernel to exit", () => {
    expect(ran([reply({ payload: [{ source: "ask_exit" }] }), idle]).tracker.kernelExits).toBe(true);
    expect(ran([reply(), idle]).tracker.kernelExits).toBe(false);
  });
});

describe("what a run leaves", () => {
  it("is both streams, capped each on its own", () => {
    const stderr = said("stream", { name: "stderr", text: "123456" });
    expect(ran([stdout("abc"), stdout("def"), stderr], 4).outcome).toMatchObject({
      stdout: "abcd",
      stderr: "1234",
    });
  });

  it("is nothing of another run's output", () => {
    expect(ran([said("stream", { name: "stdout", text: "x" }, "other")]).outcome.stdout).toBe("");
  });

  it("is the last picture, before or after a text result", () => {
    const value = { type: "image", format: "png", base64_data: "BBBB" };
    expect(ran([picture("AAAA"), result("1"), picture("BBBB\n")]).outcome.value).toEqual(value);
    expect(ran([picture("BBBB"), result("1")]).outcome.value).toEqual(value);
  });

  it("is displayed text where there is neither value nor picture: R's kernel only displays", () => {
    const shown = said("display_data", { data: { "text/plain": "[1] 2", "text/html": "2" } });
    expect(ran([shown, reply(), idle]).outcome).toMatchObject({
      value: "[1] 2",
      bundle: { "text/html": "2" },
    });
    expect(ran([result("1"), shown]).outcome.value).toBe(1);
    expect(ran([shown, picture("AAAA")]).outcome.value).toMatchObject({ type: "image" });
    expect(ran([said("display_data", { data: { "text/html": "<b>" } })]).outcome.value).toBeUndefined();
  });

  it("is null only where the kernel says that the value was None", () => {
    const none = (text: string) => reply({ user_expressions: { none: { data: { "text/plain": text } } } });
    expect(ran([none("True"), idle]).outcome.value).toBeNull();
    expect(ran([none("False"), idle]).outcome.value).toBeUndefined();
    expect(ran([result("0"), none("True"), idle]).outcome.value).toBe(0);
  });

  it("has no value where the kernel sent none", () => {
    expect(ran([reply(), idle]).outcome.value).toBeUndefined();
  });

  it("is the error and no value when the code failed half-way", () => {
    const error = said("error", { ename: "E", evalue: "v", traceback: ["t1", "t2"] });
    const { outcome } = ran([result("1"), error, said("execute_reply", { status: "error" }), idle]);
    expect(outcome).toMatchObject({
      value: undefined,
      error: { name: "E", message: "v", traceback: "t1\nt2" },
    });
  });

  it("is an error even if only the reply tells of it", () => {
    const failed = said("execute_reply", {
      status: "error",
      ename: "Error",
      evalue: "Execution failed",
      traceback: [],
    });
    expect(ran([failed, idle]).outcome.error).toMatchObject({ name: "Error", message: "Execution failed" });
  });

  it("says aborted when the kernel did", () => {
    expect(ran([said("execute_reply", { status: "aborted" })]).outcome.error?.message).toBe(
      "Execution aborted",
    );
  });
});

describe("frames", () => {
  const message = request("shell", "execute_request", "s", { code: "é\n😀" });

  it("go through the v1 protocol and back", () => {
    expect(decodeV1(encodeV1(message))).toEqual(message);
  });

  it("have the documented v1 layout", () => {
    const frame = encodeV1(message);
    const count = Number(frame.readBigUInt64LE(0));
    expect(count).toBe(6);
    expect(Number(frame.readBigUInt64LE(8))).toBe(8 * (count + 1));
    expect(Number(frame.readBigUInt64LE(8 * count))).toBe(frame.length);
  });

  it("go through the default protocol, as text or as binary with buffers", () => {
    const text = Buffer.from(encodeDefault(message));
    expect(decodeDefault(text, false)).toMatchObject(message);
    const head = Buffer.alloc(12);
    head.writeUInt32BE(2, 0);
    head.writeUInt32BE(12, 4);
    head.writeUInt32BE(12 + text.length, 8);
    expect(decodeDefault(Buffer.concat([head, text, Buffer.from([1, 2])]), true)).toMatchObject(message);
  });

  it("are not parsed further when nobody wants them", () => {
    expect(decodeV1(encodeV1(message), () => false)).toBeUndefined();
  });

  it.each([
    ["empty", Buffer.alloc(0)],
    ["zeros", Buffer.alloc(16)],
    ["noise", Buffer.alloc(64, 0xff)],
  ])("that are %s are refused", (_what, bytes) => {
    expect(() => decodeV1(bytes)).toThrow(FrameError);
  });

  it("read only the beginning of a long stream when no more is wanted", () => {
    const big = {
      ...message,
      header: { ...message.header, msg_type: "stream" },
      content: { name: "stderr", text: "ab\n".repeat(100_000) },
    };
    const content = decodeV1(encodeV1(big), undefined, () => 1_000)?.content as {
      name: string;
      text: string;
    };
    expect(content.name).toBe("stderr");
    expect(content.text.length).toBeLessThan(1_000);
    expect(big.content.text.startsWith(content.text)).toBe(true);
    expect(content.text.length).toBeGreaterThan(500);
  });

  it.each(["\\", "\n", "é", "😀", '"', "\u0001"])(
    "with a gigantic stream of %j give its beginning",
    (unit) => {
      const text = unit.repeat(Math.ceil((17 * 1024 * 1024) / JSON.stringify(unit).length) + 3);
      for (const name of ["stdout", "stderr"]) {
        const big = {
          ...message,
          header: { ...message.header, msg_type: "stream" },
          content: { name, text },
        };
        const content = decodeV1(encodeV1(big))?.content as { name: string; text: string };
        expect(content.name).toBe(name);
        expect(content.text.length).toBeGreaterThan(1024 * 1024);
        expect(text.startsWith(content.text)).toBe(true);
      }
    },
  );
});
