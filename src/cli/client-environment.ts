/** What the variables are made from: an {@link Emulator}, or the answer of `GET /_emulator/pools` and its address. */
export interface EnvironmentSource {
  /** Where the emulator answers, without a slash at the end. */
  url: string;
  pools: readonly { name: string; containerType: string; endpoint: string }[];
}

/** Variables that clients read the address of their one pool from (clients 2, 3.2 to 3.10, 5). */
const ENDPOINT_VARIABLES = [
  // LangChain's and the vendor's own samples.
  "POOL_MANAGEMENT_ENDPOINT",
  // LangChain.js, Agent Framework samples.
  "AZURE_CONTAINER_APP_SESSION_POOL_MANAGEMENT_ENDPOINT",
  // LlamaIndex for TypeScript.
  "AZURE_POOL_MANAGEMENT_ENDPOINT",
  // Tests of langchain-azure and of AutoGen.
  "AZURE_DYNAMIC_SESSIONS_POOL_MANAGEMENT_ENDPOINT",
  "AZURE_POOL_ENDPOINT",
  // Semantic Kernel for .NET: the configuration key AzureContainerAppSessionPool:Endpoint.
  "AzureContainerAppSessionPool__Endpoint",
];

/**
 * The environment that real clients need to find an emulator and to get a token without Azure.
 *
 * - `DSE_URL`, and `DSE_POOL_<NAME>` with each pool's management endpoint (`my-byoc` becomes `DSE_POOL_MY_BYOC`);
 * - the variables that clients read, with the address of the first Python pool, else of the first pool;
 * - `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, and the older `MSI_…` pair, so that `DefaultAzureCredential` takes
 *   its tokens from the emulator (clients 4.3).
 */
export function clientEnvironment({ url, pools }: EnvironmentSource): Record<string, string> {
  const variables: Record<string, string> = { DSE_URL: url };
  for (const { name, endpoint } of pools) variables[poolVariable(name)] = endpoint;
  const usual = pools.find(({ containerType }) => containerType === "PythonLTS") ?? pools[0];
  if (usual) {
    for (const name of ENDPOINT_VARIABLES) variables[name] = usual.endpoint;
    // Semantic Kernel for Python, which takes nothing but https (clients 3.3); it is on the same port.
    variables.ACA_POOL_MANAGEMENT_ENDPOINT = usual.endpoint.replace(/^http:/, "https:");
  }
  const shell = pools.find(({ containerType }) => containerType === "Shell");
  if (shell) variables.AZURE_DYNAMIC_SESSIONS_SHELL_POOL_MANAGEMENT_ENDPOINT = shell.endpoint;
  // By number: some HTTP libraries look only for IPv6 when they are told localhost.
  const identity = `${url.replace("//localhost", "//127.0.0.1")}/_emulator/msi/token`;
  for (const prefix of ["IDENTITY", "MSI"]) variables[`${prefix}_ENDPOINT`] = identity;
  variables.IDENTITY_HEADER = "dynamic-sessions-emulator";
  variables.MSI_SECRET = "dynamic-sessions-emulator";
  return variables;
}

/** `my-byoc` → `DSE_POOL_MY_BYOC`. */
export function poolVariable(pool: string): string {
  return `DSE_POOL_${pool.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase()}`;
}
