import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Code as it goes to the kernel, and how to tidy up after it has run. */
export interface CodeTransport {
  code: string;
  cleanUp(): Promise<void>;
}

const nothingToClean = async () => {};

/**
 * Gets code into a kernel whose server takes messages of at most `maxBytes` (byoc 7.2). Longer Python code
 * goes through a file; its last expression is still the value. Other languages have no common way to do that:
 * there the server's limit has to be raised, which our images do.
 */
export async function codeTransport(
  code: string,
  language: string,
  maxBytes: number,
): Promise<CodeTransport> {
  // JSON escapes make code longer, at worst six times; code this short always fits.
  if (code.length * 6 <= maxBytes) return { code, cleanUp: nothingToClean };
  const tooLong = Buffer.byteLength(JSON.stringify(code)) > maxBytes;
  if (!tooLong || language.toLowerCase() !== "python") return { code, cleanUp: nothingToClean };
  const path = join(tmpdir(), `cell-${randomUUID()}.py`);
  // The kernel runs as another user and must be able to read it.
  await writeFile(path, code, { mode: 0o644 });
  return { code: pythonLoader(path), cleanUp: () => rm(path, { force: true }) };
}

function pythonLoader(path: string): string {
  return `def __run_cell_from_file(path, scope):
    import ast
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read(), "<cell>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), scope)
    if last is not None:
        return eval(compile(ast.Expression(last.value), "<cell>", "eval"), scope)
__run_cell_from_file(${JSON.stringify(path)}, globals())`;
}
