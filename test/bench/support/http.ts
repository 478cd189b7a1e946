import http from "node:http";

/** Where a request goes. */
export type Target = { url: string } | { socketPath: string; path: string };

export interface Answer {
  status: number;
  body: string;
}

/** One request; the whole answer is read. Without an agent it has a connection of its own. */
export function ask(
  target: Target,
  options: { method?: string; json?: unknown; agent?: http.Agent } = {},
): Promise<Answer> {
  const text = options.json === undefined ? undefined : JSON.stringify(options.json);
  const headers = text === undefined ? {} : { "content-type": "application/json" };
  const settings = { method: options.method ?? "GET", headers, agent: options.agent ?? false };
  return new Promise((resolve, reject) => {
    const onAnswer = (response: http.IncomingMessage) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => {
        body += piece;
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    };
    const request =
      "url" in target
        ? http.request(target.url, settings, onAnswer)
        : http.request({ ...settings, ...target, host: "localhost" }, onAnswer);
    request.once("error", reject);
    request.end(text);
  });
}

/** The same, and anything but the status is an error that names what came. */
export async function askFor(
  status: number,
  target: Target,
  options?: Parameters<typeof ask>[1],
): Promise<Answer> {
  const answer = await ask(target, options);
  if (answer.status === status) return answer;
  const place = "url" in target ? target.url : target.socketPath;
  throw new Error(`${place} answered ${answer.status} instead of ${status}: ${answer.body.slice(0, 500)}`);
}

/** Asks until it gets status 200. @throws Error when `timeoutMs` is over */
export async function askUntilReady(
  target: Target,
  options: Parameters<typeof ask>[1] & { everyMs: number; timeoutMs: number },
): Promise<Answer> {
  for (const end = performance.now() + options.timeoutMs; ; ) {
    const answer = await ask(target, options).catch((error: Error) => ({ status: 0, body: error.message }));
    if (answer.status === 200) return answer;
    if (performance.now() > end)
      throw new Error(`never ready: ${answer.status} ${answer.body.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs));
  }
}
