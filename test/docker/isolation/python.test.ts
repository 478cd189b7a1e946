import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "../support/emulator.js";

const emulator = emulatorForTests({
  pools: [{ name: "python", containerType: "PythonLTS", readySessionInstances: 0 }],
});
const identifier = newIdentifier();
let heard = 0;
const listener = net.createServer((socket) => {
  heard += 1;
  socket.on("error", () => undefined).end("outside");
});

beforeAll(async () => {
  process.env.DSE_TEST_SECRET = "a secret of the environment";
  await new Promise<void>((resolve) => listener.listen(0, "0.0.0.0", resolve));
});
afterAll(() => {
  delete process.env.DSE_TEST_SECRET;
  listener.close();
});

/** What code prints and raises. */
async function said(code: string): Promise<string> {
  const url = `${emulator.url}/pools/python/executions?api-version=2025-10-02-preview&identifier=${identifier}`;
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ code }) });
  const { result } = (await response.json()) as { result: { stdout: string; stderr: string } };
  return `${result.stdout}${result.stderr}`;
}

it("reaches neither the host's loopback nor the engine's gateway nor a name server", async () => {
  const { port } = listener.address() as AddressInfo;
  for (const host of ["127.0.0.1", "172.17.0.1", "host.docker.internal", "10.0.0.1"]) {
    const code = `import socket\nprint('GO' 'T', socket.create_connection(('${host}', ${port}), timeout=3).recv(10))`;
    expect(await said(code), host).not.toMatch(/GOT/);
  }
  expect(await said("import socket\nprint('GO' 'T', socket.gethostbyname('example.com'))")).toMatch(
    /gaierror/,
  );
  expect(heard).toBe(0);
});

it("has no network interface that is up but its own loopback", async () => {
  expect(await said("import os\nprint(sorted(os.listdir('/sys/class/net')))")).toMatch(/'lo'/);
  expect(await said("print(open('/proc/net/route').read().strip().count('\\n'))")).toBe("0\n");
});

it("sees nothing of the emulator: environment, engine, processes", async () => {
  expect(await said("import os\nprint(dict(os.environ))")).not.toMatch(
    /a secret of the environment|DOCKER_HOST/,
  );
  expect(await said("import os\nprint(os.path.exists('/var/run/docker.sock'))")).toBe("False\n");
  const commands = await said(
    "import glob\nprint([open(f).read() for f in glob.glob('/proc/[0-9]*/cmdline')])",
  );
  expect(commands).toMatch(/ipykernel/);
  expect(commands).not.toMatch(/vitest|dockerd/);
});

it("cannot gain privileges: no new ones, no capabilities for the kernel's user", async () => {
  const status = await said("print(open('/proc/self/status').read())");
  expect(status).toMatch(/NoNewPrivs:\s*1/);
  expect(status).toMatch(/CapEff:\s*0000000000000000/);
  expect(await said("import os\nos.mkdir('/m'); print('GO' 'T')")).toMatch(/PermissionError/);
  expect(
    await said("import subprocess\nprint(subprocess.run(['mount', '-t', 'tmpfs', 'x', '/mnt']).returncode)"),
  ).not.toMatch(/^0\n/);
});

it("is held to its number of processes", async () => {
  const code = `
import subprocess
children = []
try:
    while len(children) < 2000: children.append(subprocess.Popen(['sleep', '30']))
except (BlockingIOError, OSError) as error:
    print('held at', len(children) < 600)
finally:
    for child in children: child.kill()
    for child in children: child.wait()
`;
  expect(await said(code)).toMatch(/held at True/);
});
