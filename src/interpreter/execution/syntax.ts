import { executeContent, type Message } from "../jupyter/messages.js";
import type { KernelLink } from "./kernel-link.js";
import type { KernelTraits } from "./kernel-traits.js";
import { kernelError, type RunOutcome } from "./outcome.js";
import { RunTracker } from "./run-tracker.js";

/** How long a kernel may take to say what was wrong. */
const PATIENCE_MS = 10_000;
/** What it writes may come some milliseconds after it has said that it is idle (byoc 7.4). */
const LATE_WORDS_MS = 250;

/** The outcome with the reason of a failure of which the kernel has said nothing but that there was one. */
export async function explained(
  outcome: RunOutcome,
  code: string,
  place: { link: KernelLink; traits: KernelTraits },
): Promise<RunOutcome> {
  const { syntax } = place.traits;
  if (outcome.error === undefined || syntax === undefined || !syntax.isMute(outcome.error)) return outcome;
  const question = syntax.question(code);
  if (question === "") return outcome;
  const written = await stdoutOf(place.link, question);
  const reason = syntax.reason(written, code);
  return reason === undefined ? outcome : { ...outcome, error: kernelError(reason.name, reason.message, []) };
}

/** What code writes to stdout, in one piece; nothing when there is none after `PATIENCE_MS`. */
function stdoutOf({ socket }: KernelLink, code: string): Promise<string> {
  const id = socket.send("shell", "execute_request", executeContent({ code, storeHistory: false }));
  const tracker = new RunTracker(id, 8_192);
  return new Promise((resolve) => {
    const onMessage = (message: Message) => {
      tracker.accept(message);
      if (!tracker.finished) return;
      if (tracker.outcome(0).stdout !== "") return settle();
      clearTimeout(timer);
      timer = setTimeout(settle, LATE_WORDS_MS);
    };
    const settle = () => {
      clearTimeout(timer);
      socket.off("message", onMessage).off("close", settle);
      socket.forget(id);
      resolve(tracker.outcome(0).stdout);
    };
    let timer = setTimeout(settle, PATIENCE_MS);
    socket.on("message", onMessage).on("close", settle);
  });
}
