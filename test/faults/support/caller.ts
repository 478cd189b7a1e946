import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../docker/support/emulator.js";

/** What a caller got: a status with the body's own words for it, or no answer at all. */
export interface Answer {
  /** Absent when the connection ended without an answer. */
  status?: number;
  body: string;
}

const API_VERSION = "2025-10-02-preview";
const NO_ANSWER: Answer = { body: "" };

/** A program that uses one session of a built-in Python pool. */
export class Caller {
  constructor(
    private readonly alias: string,
    private readonly identifier: string,
  ) {}

  async execute(code: string): Promise<Answer> {
    return this.send("/executions", { method: "POST", body: JSON.stringify({ code }) });
  }

  /** Names in the session's directory. */
  async files(): Promise<string[]> {
    const { body } = await this.send("/files", {});
    const { value } = JSON.parse(body) as { value?: { name: string }[] };
    return (value ?? []).map(({ name }) => name);
  }

  /** A short execution that leaves a variable and a file, so that a later call can tell whether it is new. */
  async leaveTraces(): Promise<void> {
    const answer = await this.execute("x = 1; open('/mnt/data/before.txt', 'w').close()");
    if (describe(answer) !== "200 Succeeded") throw new Error(`the session does not work: ${answer.body}`);
  }

  /** Begins a long execution; resolves when its code runs. */
  async beginExecution(seconds = 90): Promise<{ answer: Promise<Answer> }> {
    const answer = this.execute(`open("/mnt/data/begun", "w").close()\nimport time\ntime.sleep(${seconds})`);
    await eventually("the code runs", async () => (await this.files()).includes("begun"));
    return { answer };
  }

  /** Begins an upload whose bytes keep coming for some seconds; resolves when part of them has been sent. */
  async beginUpload(): Promise<{ answer: Promise<Answer> }> {
    const request = http.request(this.url("/files"), {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=edge" },
    });
    const answer = new Promise<Answer>((resolve) => {
      request.once("response", (message) => {
        const chunks: Buffer[] = [];
        message.on("data", (chunk: Buffer) => chunks.push(chunk));
        const status = message.statusCode ?? 0;
        message.once("close", () => resolve({ status, body: Buffer.concat(chunks).toString() }));
      });
      request.on("error", () => resolve(NO_ANSWER));
    });
    request.write('--edge\r\nContent-Disposition: form-data; name="file"; filename="half.bin"\r\n\r\n');
    const sending = this.sendSlowly(request);
    sending.catch(() => undefined);
    await sleep(1_000);
    return { answer };
  }

  private async sendSlowly(request: http.ClientRequest): Promise<void> {
    for (let piece = 0; piece < 40 && !request.destroyed; piece += 1) {
      request.write(Buffer.alloc(64 * 1024, "x"));
      await sleep(100);
    }
    request.end("\r\n--edge--\r\n");
  }

  private url(path: string): string {
    return `${this.alias}${path}?api-version=${API_VERSION}&identifier=${this.identifier}`;
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    try {
      const response = await fetch(this.url(path), init);
      return { status: response.status, body: await response.text() };
    } catch {
      return NO_ANSWER;
    }
  }
}

interface Body {
  status?: string;
  result?: { stderr?: string };
  error?: { code: string };
  name?: string;
}

/** An answer in a few words that are the same in every run. */
export function describe({ status, body }: Answer): string {
  if (status === undefined) return "no answer: the connection was closed";
  let parsed: Body;
  try {
    parsed = JSON.parse(body) as Body;
  } catch {
    return `${status} ${body}`;
  }
  if (parsed.error) return `${status} \`${parsed.error.code}\``;
  if (parsed.name !== undefined) return `${status}, the file is stored`;
  const words = parsed.result?.stderr?.trim().split("\n").at(-1);
  return `${status} ${parsed.status}${words ? `: ${words}` : ""}`;
}

/** What the next call of the same caller finds. */
export async function describeNext(caller: Caller): Promise<string> {
  const answer = await caller.execute("'x' in globals()");
  const told = describe(answer);
  if (told !== "200 Succeeded") return told;
  const { result } = JSON.parse(answer.body) as { result: { executionResult: boolean } };
  const files = (await caller.files()).filter((name) => name !== "begun");
  const variables = result.executionResult ? "variables kept" : "no variables";
  return `${told}; ${variables}, ${files.length > 0 ? `files kept (${files.join(", ")})` : "no files"}`;
}
