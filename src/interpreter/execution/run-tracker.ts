import type { Message } from "../jupyter/messages.js";
import { CappedText } from "./capped-text.js";
import { interruption, kernelError, type RunError, type RunOutcome } from "./outcome.js";
import { imageOf, type MimeBundle, type RunValue, textValue } from "./value.js";

/**
 * Collects what the kernel says about one run and knows when the run is over (byoc 7.4): when both the reply
 * (shell) and `idle` (IOPub) with this run's id have arrived. They come in either order, and output may come
 * between them, so that neither alone is enough.
 */
export class RunTracker {
  private readonly stdout: CappedText;
  private readonly stderr: CappedText;
  private value: RunValue;
  private image: RunValue;
  private bundle: MimeBundle | undefined;
  private displayed: MimeBundle | undefined;
  private none = false;
  private error: RunError | undefined;
  private replied = false;
  private idle = false;
  private exits = false;

  constructor(
    private readonly messageId: string,
    outputLimit: number,
  ) {
    this.stdout = new CappedText(outputLimit);
    this.stderr = new CappedText(outputLimit);
  }

  /** Takes one message; those of other runs are ignored. */
  accept(message: Message): void {
    if (message.parent_header.msg_id !== this.messageId) return;
    const { content } = message;
    switch (message.header.msg_type) {
      case "stream":
        (content.name === "stderr" ? this.stderr : this.stdout).append(String(content.text ?? ""));
        break;
      case "execute_result":
        this.takeResult(bundleOf(content));
        break;
      case "display_data":
        this.takeDisplay(bundleOf(content));
        break;
      case "error":
        this.takeError(content);
        break;
      case "execute_reply":
        this.takeReply(content);
        break;
      case "status":
        if (content.execution_state === "idle") this.idle = true;
        break;
    }
  }

  get finished(): boolean {
    return this.replied && this.idle;
  }

  get hasReplied(): boolean {
    return this.replied;
  }

  /** The run is over without error and without a value: one may still be on its way. */
  get mayGetValue(): boolean {
    return this.error === undefined && this.bundle === undefined;
  }

  /** The code asked the kernel to exit (`exit()` in Python): the process ends soon after the run. */
  get kernelExits(): boolean {
    return this.exits;
  }

  /** What there is by now. `cut` replaces the kernel's own error when the run was ended from outside. */
  outcome(durationMs: number, cut?: RunError): RunOutcome {
    const error = cut ?? this.error;
    const failed = error !== undefined;
    // Some kernels only display, also the value of the last expression (IRkernel).
    const text = this.value ?? (this.displayed === undefined ? undefined : textValue(this.displayed));
    return {
      stdout: this.stdout.toString(),
      stderr: this.stderr.toString(),
      value: failed ? undefined : (this.image ?? text ?? (this.none ? null : undefined)),
      bundle: failed ? undefined : (this.bundle ?? this.displayed),
      error,
      durationMs,
    };
  }

  private takeResult(data: MimeBundle): void {
    this.bundle = data;
    this.value = textValue(data);
    this.image = imageOf(data) ?? this.image;
  }

  /** A picture replaces the result, the last one wins; text counts where there is nothing else (byoc 3.3). */
  private takeDisplay(data: MimeBundle): void {
    const image = imageOf(data);
    if (image === undefined) {
      if (textValue(data) !== undefined) this.displayed = data;
      return;
    }
    this.bundle = data;
    this.image = image;
  }

  private takeError(content: Record<string, unknown>): void {
    const traceback = Array.isArray(content.traceback) ? content.traceback.map(String) : [];
    this.error = kernelError(String(content.ename ?? ""), String(content.evalue ?? ""), traceback);
  }

  private takeReply(content: Record<string, unknown>): void {
    this.replied = true;
    if (content.status === "aborted") this.error = interruption.aborted();
    // Some kernels report a syntax error in the reply only (byoc 7.3, Deno).
    if (content.status === "error" && this.error === undefined) this.takeError(content);
    const expressions = (content.user_expressions ?? {}) as Record<string, { data?: MimeBundle }>;
    this.none = expressions.none?.data?.["text/plain"] === "True";
    if (expressions.value?.data !== undefined) this.takeResult(expressions.value.data);
    const payload = Array.isArray(content.payload) ? (content.payload as Record<string, unknown>[]) : [];
    this.exits = payload.some((entry) => entry.source === "ask_exit");
  }
}

/** The bundle of a result; in place of one that was too large to take, a note that says so. */
function bundleOf({ data, oversizedBytes }: Record<string, unknown>): MimeBundle {
  if (typeof oversizedBytes !== "number") return (data ?? {}) as MimeBundle;
  const megabytes = Math.round(oversizedBytes / 1024 / 1024);
  return { "text/plain": `<a result of ${megabytes} MB is too large to return; write it to a file instead>` };
}
