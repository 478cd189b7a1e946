import { z } from "zod";
import { boolean, integer, memory, oneOf, port, positiveNumber, text } from "./values.js";

/** The shape of the pools file: ARM's property names, flat (api-reference 12.4). Rules between keys live in resolve-pool.ts. */

const headerShape = {
  name: text("Write the header's name.", /^[!#$%&'*+.^_`|~\w-]+$/),
  value: text("Write the header's value.", /^[^\r\n]*$/),
};

const httpGetShape = {
  path: text("Write a path that begins with /, for example /health.", /^\//).optional(),
  port: port(),
  scheme: oneOf(["HTTP", "HTTPS"]).optional(),
  host: text("Leave it out: the probe always goes to the session itself.").optional(),
  httpHeaders: z.array(z.strictObject(headerShape)).optional(),
};

const tcpSocketShape = {
  port: port(),
  host: text("Leave it out: the probe always goes to the session itself.").optional(),
};

const probeShape = {
  type: oneOf(["Liveness", "Startup"]),
  httpGet: z.strictObject(httpGetShape).optional(),
  tcpSocket: z.strictObject(tcpSocketShape).optional(),
  initialDelaySeconds: integer(1, 60, ", or leave it out for no delay").optional(),
  periodSeconds: integer(1, 240).optional(),
  timeoutSeconds: integer(1, 240).optional(),
  failureThreshold: integer(1, 10).optional(),
  successThreshold: integer(1, 10).optional(),
  terminationGracePeriodSeconds: integer(0, 3600).optional(),
};

const secretName = "Write a name of letters, digits, - and .";
const secretShape = {
  name: text(secretName, /^[\w.-]+$/),
  value: text("Write the secret's value.", /^/),
};

const envName = "Write a variable name: letters, digits and _, not a digit first.";
const envShape = {
  name: text(envName, /^[A-Za-z_][\w.-]*$/),
  value: text("Write the variable's value.", /^/).optional(),
  secretRef: text(secretName, /^[\w.-]+$/).optional(),
};

const words = z.array(text("Write one word of the command line per list entry.", /^/));

const poolShape = {
  name: text(
    "Write 2 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.",
    /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/,
  ),
  containerType: oneOf(["PythonLTS", "NodeLTS", "Shell", "CustomContainer"]),
  image: text("Write an image reference without spaces, for example my-byoc:dev.", /^[^\s]+$/).optional(),
  targetPort: port().optional(),
  maxConcurrentSessions: integer(1).optional(),
  readySessionInstances: integer(0).optional(),
  lifecycleType: oneOf(["Timed", "OnContainerExit"]).optional(),
  cooldownPeriodInSeconds: integer(1).optional(),
  maxAlivePeriodInSeconds: integer(1).optional(),
  sessionNetworkStatus: oneOf(["EgressDisabled", "EgressEnabled"]).optional(),
  cpu: positiveNumber("0.5").optional(),
  memory: memory().optional(),
  ephemeralStorage: memory().optional(),
  command: words.optional(),
  args: words.optional(),
  env: z.unknown().optional(),
  secrets: z.array(z.strictObject(secretShape)).optional(),
  probes: z.array(z.strictObject(probeShape)).optional(),
  forwardAuthorization: boolean().optional(),
  isMcpServerEnabled: boolean().optional(),
};

const fileShape = {
  pools: z.array(z.unknown()).min(1),
  secrets: z.array(z.strictObject(secretShape)).optional(),
};

/** The file, with each pool still unread, so that one bad pool does not hide what is wrong in the next. */
export const fileSchema = z.strictObject(fileShape);
/** One pool as written, every value read, no defaults yet. */
export const poolSchema = z.strictObject(poolShape);
/** `env` as ARM's list. */
export const envListSchema = z.array(z.strictObject(envShape));
/** `env` as a map. A variable without a value stays in, to be warned about. */
export const envMapSchema = z.record(
  text(envName, /^[A-Za-z_][\w.-]*$/),
  text("Write one value.", /^/).nullable(),
);

export type WrittenPool = z.infer<typeof poolSchema>;
export type WrittenProbe = NonNullable<WrittenPool["probes"]>[number];
export type WrittenSecret = z.infer<typeof secretSchema>;
const secretSchema = z.strictObject(secretShape);

/** Which keys are allowed in a map, by the name of the key that holds it; `""` is the file itself. */
export const allowedKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(fileShape),
  pools: Object.keys(poolShape),
  env: Object.keys(envShape),
  secrets: Object.keys(secretShape),
  probes: Object.keys(probeShape),
  httpGet: Object.keys(httpGetShape),
  tcpSocket: Object.keys(tcpSocketShape),
  httpHeaders: Object.keys(headerShape),
};

/** ARM's wrappers and properties that the flat file writes differently, with what to write. */
export const armKeys: Readonly<Record<string, string>> = {
  properties: "Write its members directly under the pool.",
  scaleConfiguration: "Write maxConcurrentSessions and readySessionInstances directly under the pool.",
  dynamicPoolConfiguration: "Write lifecycleType and cooldownPeriodInSeconds directly under the pool.",
  lifecycleConfiguration: "Write lifecycleType and cooldownPeriodInSeconds directly under the pool.",
  executionType: "Write lifecycleType: Timed.",
  customContainerTemplate: "Write image, targetPort, cpu, memory, env and probes directly under the pool.",
  containers: "Write image, cpu, memory, env and probes directly under the pool.",
  ingress: "Write targetPort directly under the pool.",
  resources: "Write cpu and memory directly under the pool.",
  sessionNetworkConfiguration: "Write sessionNetworkStatus directly under the pool.",
  poolManagementType: "Leave it out: every pool is Dynamic.",
  environmentId: "Leave it out: there is no environment here.",
  registryCredentials: "Leave it out and pull the image with the engine's own login.",
  keyVaultUrl: "The emulator reads no Key Vault; write value.",
};
