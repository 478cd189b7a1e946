/** An annotated pools file, for `pools init`: what works as it is, and beside it what else may be written. */
export const poolsTemplate = `# Pools of the Dynamic Sessions emulator, in ARM's own property names.
# Taken from the working directory by: dynamic-sessions-emulator start
# Checked by:                          dynamic-sessions-emulator pools check
pools:
  - name: python
    containerType: PythonLTS              # PythonLTS, NodeLTS, Shell or CustomContainer
    maxConcurrentSessions: 20             # one more is answered with 429
    readySessionInstances: 1              # kept started, so that a new identifier need not wait
    cooldownPeriodInSeconds: 300          # a session ends so long after its last request
    sessionNetworkStatus: EgressDisabled  # EgressEnabled: sessions may reach the network

  - name: node
    containerType: NodeLTS

  - name: shell
    containerType: Shell                  # needs a Docker engine

  # An image of your own. Remove the marks, and name the image and the port that its program listens on.
  # Try it first: dynamic-sessions-emulator doctor my-byoc:dev --target-port 6000
  # - name: my-byoc
  #   containerType: CustomContainer
  #   image: my-byoc:dev
  #   targetPort: 6000
  #   maxConcurrentSessions: 5
  #   readySessionInstances: 1
  #   lifecycleType: Timed                # or OnContainerExit, with maxAlivePeriodInSeconds
  #   cooldownPeriodInSeconds: 300
  #   sessionNetworkStatus: EgressDisabled
  #   cpu: 0.5
  #   memory: 1Gi
  #   env: { MODE: demo }
  #   probes:
  #     - type: Startup
  #       httpGet: { path: /health, port: 6000 }
  #       periodSeconds: 5
  #       failureThreshold: 10
`;
