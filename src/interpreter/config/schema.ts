import * as z from "zod";

const seconds = z.number().min(0);
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const kernelInit = z.strictObject({
  enabled: z.boolean().optional(),
  initCommonLibraries: z.boolean().optional(),
  initialDelaySeconds: seconds.optional(),
  periodSeconds: seconds.optional(),
  initLibrariesFile: z.string().optional(),
});

const snippets = z.strictObject({
  preCodeInjectionSnippet: text.optional(),
  postCodeInjectionSnippet: text.optional(),
});

/** An object whose members all have defaults may itself be missing, or be written with nothing below it. */
function section<T extends z.ZodRawShape>(shape: T) {
  return z.preprocess((value) => value ?? {}, z.strictObject(shape));
}

/** `fileOperation.enableFullPathAccess` is true in the shell image unless the file says otherwise (byoc 2.3). */
function withShellDefault(spec: unknown): unknown {
  const { kernel, fileOperation } = (spec ?? {}) as {
    kernel?: { enabled?: unknown };
    fileOperation?: unknown;
  };
  if (kernel?.enabled !== false || typeof (fileOperation ?? {}) !== "object") return spec;
  return { ...(spec as object), fileOperation: { enableFullPathAccess: true, ...(fileOperation as object) } };
}

/**
 * `codeInterpreterConf.yaml`: every key of byoc 2.3 with its default. Keys whose meaning nobody has written
 * down (`isFirstParty`, `tikaServer`, the timings of `kernelInit`) are still read and checked, so that a file
 * written for the vendor's image works unchanged.
 */
export const configSchema = z.strictObject({
  kind: z.literal("CodeInterpreterConfig"),
  apiVersion: z.literal("v1"),
  metadata: z.strictObject({ name: z.literal("code-interpreter") }),
  spec: z.preprocess(
    withShellDefault,
    section({
      logging: section({
        logLevel: z.int().min(0).max(3).default(0),
        useISO8601DateFormat: z.boolean().default(true),
      }),
      kernel: section({
        enabled: z.boolean().default(true),
        isFirstParty: z.boolean().default(false),
        name: z.string().min(1).optional(),
        port: z.int().min(1).max(65535).optional(),
        isAsynchronousExecutionSupported: z.boolean().default(false),
        runInitScript: z.boolean().optional(),
        kernelInit: section({
          synchronous: kernelInit.optional(),
          synchronousWithEmptyKernel: kernelInit.optional(),
          asynchronous: kernelInit.optional(),
        }),
      }),
      initLibrariesFile: z.string().optional(),
      healthProbe: section({
        endpoint: z.string().startsWith("/").default("/health"),
        successfulHealthCheckThresholdSeconds: seconds.default(120),
        initialDelaySeconds: seconds.default(0),
        periodSeconds: z.number().positive().default(15),
        timeoutSeconds: z.number().positive().default(15),
        failureThreshold: z.int().min(1).default(3),
        code: text.optional(),
        expectedResult: text.optional(),
        commonLibrariesInitTimeoutSeconds: z.number().positive().default(90),
        tikaServer: section({ enabled: z.boolean().default(false) }),
      }),
      codeExecution: section({
        enableAutoBase64Decoding: z.boolean().default(true),
        defaultTimeoutSeconds: z.number().positive().optional(),
        synchronousExecution: snippets.nullish(),
        asynchronousExecution: snippets.nullish(),
      }),
      fileOperation: section({
        maxUploadFileSizeLimitInMBs: z.number().positive().default(250),
        dataDirectoryPath: z.string().startsWith("/").default("/mnt/data"),
        enableFullPathAccess: z.boolean().default(false),
      }),
    }),
  ),
});

/** The file's content after checks and defaults. */
export type InterpreterFile = z.output<typeof configSchema>;

/** Keys the vendor's documentation calls required (byoc 2.3) and for which there is a sensible default here. */
export const REQUIRED_BY_VENDOR: readonly (readonly string[])[] = [
  ["spec", "kernel", "port"],
  ["spec", "healthProbe", "code"],
];

/**
 * What holds without a file. Differs from an empty file in two places: code is never guessed to be base64, and
 * asynchronous runs are allowed, because nobody has said otherwise.
 */
export const NO_FILE = {
  kind: "CodeInterpreterConfig",
  apiVersion: "v1",
  metadata: { name: "code-interpreter" },
  spec: {
    logging: { logLevel: 1 },
    kernel: { isAsynchronousExecutionSupported: true },
    codeExecution: { enableAutoBase64Decoding: false },
  },
} as const;
