/** Where the Jupyter server listens. */
export interface JupyterAddress {
  socketPath: string;
  token: string;
}
