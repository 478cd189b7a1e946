import * as z from "zod";
import type { BuiltInContainerType } from "../../service/index.js";

const namedVersion = z.object({ name: z.string(), version: z.string() });

const reportSchema = z.object({
  runtimes: z.array(namedVersion).min(1),
  packages: z.array(namedVersion),
  kernel: z.object({ ...namedVersion.shape, projectUrl: z.string(), description: z.string() }).optional(),
});

/** What an inspection finds. */
export type InspectionReport = z.infer<typeof reportSchema>;

/**
 * A program that looks around in a session of a pool, for {@link readReport}. It asks the image itself, so that
 * what it finds is true of any image that a pool names.
 */
export function inspectionProgram(
  containerType: BuiltInContainerType,
): { code: string } | { shellCommand: string } {
  switch (containerType) {
    case "PythonLTS":
      return { code: PYTHON };
    case "NodeLTS":
      return { code: JAVASCRIPT };
    case "Shell":
      return { shellCommand: SHELL };
  }
}

const PYTHON = `
def _inspect():
    import importlib.metadata, json, platform
    packages = {}
    for found in importlib.metadata.distributions():
        name = found.metadata["Name"]
        if name:
            packages.setdefault(name.lower(), {"name": name, "version": str(found.version)})
    report = {
        "runtimes": [{"name": "Python", "version": platform.python_version()}],
        "packages": [packages[key] for key in sorted(packages)],
    }
    try:
        kernel = importlib.metadata.metadata("ipykernel")
        urls = [entry.split(",", 1) for entry in kernel.get_all("Project-URL") or []]
        labelled = {label.strip().lower(): url.strip() for label, url in urls}
        report["kernel"] = {
            "name": kernel["Name"],
            "version": kernel["Version"],
            "projectUrl": kernel["Home-page"] or labelled.get("homepage") or next(iter(labelled.values()), ""),
            "description": kernel["Summary"] or "",
        }
    except importlib.metadata.PackageNotFoundError:
        pass
    print(json.dumps(report))
_inspect()
`;

/** Works in Deno's kernel and in kernels that run Node.js, such as IJavascript. */
const JAVASCRIPT = `
(() => {
  const report = { runtimes: [], packages: [] };
  if (typeof Deno === "object") {
    const { deno, v8, typescript } = Deno.version;
    report.runtimes.push({ name: "Deno", version: deno }, { name: "V8", version: v8 }, { name: "TypeScript", version: typescript });
    report.kernel = {
      name: "Deno",
      version: deno,
      projectUrl: "https://docs.deno.com/runtime/reference/cli/jupyter/",
      description: "Jupyter kernel for JavaScript and TypeScript that is built into Deno",
    };
  } else {
    const { node, v8 } = process.versions;
    report.runtimes.push({ name: "Node.js", version: node }, { name: "V8", version: v8 });
    const fs = require("fs");
    const path = require("path");
    const seen = new Map();
    const look = (folder, scope) => {
      let names = [];
      try { names = fs.readdirSync(folder); } catch { return; }
      for (const name of names) {
        if (name.startsWith("@") && !scope) look(path.join(folder, name), name);
        else try {
          const found = JSON.parse(fs.readFileSync(path.join(folder, name, "package.json"), "utf8"));
          if (found.name && found.version && !seen.has(found.name)) seen.set(found.name, found.version);
        } catch {}
      }
    };
    const above = path.join(path.dirname(process.execPath), "..", "lib", "node_modules");
    for (const folder of [...(require.resolve.paths("x") || []), above]) look(folder, "");
    report.packages = [...seen].sort().map(([name, version]) => ({ name, version }));
  }
  console.log(JSON.stringify(report));
})();
`;

/** Prints lines of `kind`, tab, name, tab, version: an image of a Shell pool need not hold anything that writes JSON. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the braces are the shell's and dpkg's
const SHELL = [
  ". /etc/os-release",
  'printf "runtime\\t%s\\t%s\\n" "$NAME" "${VERSION:-$VERSION_ID}"',
  "command -v dpkg-query >/dev/null || exit 0",
  "dpkg-query --show --showformat '${db:Status-Abbrev}\\t${Package}\\t${Version}\\n' | sed -n 's/^ii *\\t/package\\t/p'",
].join("\n");
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

/**
 * Reads what an inspection printed.
 * @throws Error when it is not a report
 */
export function readReport(containerType: BuiltInContainerType, stdout: string): InspectionReport {
  if (containerType !== "Shell") return reportSchema.parse(JSON.parse(stdout));
  const lines = stdout.split("\n").map((line) => line.split("\t"));
  const named = (kind: string) =>
    lines.filter(([first]) => first === kind).map(([, name = "", version = ""]) => ({ name, version }));
  return reportSchema.parse({ runtimes: named("runtime"), packages: named("package") });
}
