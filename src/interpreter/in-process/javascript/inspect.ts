import { type InspectOptions, inspect } from "node:util";

/** Content of a result by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** A value with this method shows itself (Deno's kernel has the same). */
const SELF_DISPLAY = Symbol.for("Jupyter.display");

/** Text in double quotes, as the kernel of the `node` image shows it; apart from that, Node's own way. */
export function inspectOptions(): InspectOptions {
  return { stylize: requoted } as InspectOptions;
}

/** A value as text. */
export function shown(value: unknown): string {
  return inspect(value, inspectOptions());
}

/** The bundle of a run's value. */
export async function bundleOf(value: unknown): Promise<MimeBundle> {
  if (typeof value === "object" && value !== null) {
    const display: unknown = (value as Record<symbol, unknown>)[SELF_DISPLAY];
    if (typeof display === "function") return (await display.call(value)) as MimeBundle;
  }
  return { "text/plain": typeof value === "string" ? JSON.stringify(value) : shown(value) };
}

/** Node quotes text in whatever marks it takes least escapes with. */
function requoted(text: string, style: string): string {
  if (style !== "string" || !text.startsWith("'")) return text;
  const inner = text.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"');
  return `"${inner}"`;
}
