"""Starts the Jupyter server, and the session's first kernel at the same time.

Importing the server takes about as long as starting a kernel, and a kernel is always asked for. So the
kernel's process is started first; the first request for a kernel of that name takes it over. Whatever goes
wrong with the early kernel, the server starts one the ordinary way.
"""

import gc
import json
import os
import secrets
import socket
import subprocess
import sys

SOCKET = os.environ["JUPYTER_SOCKET"]
PORT_NAMES = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
# Modules that jsonschema can do without; the server validates none of the formats that need them.
UNUSED_FORMATS = ("fqdn", "idna", "isoduration", "rfc3339_validator", "rfc3986_validator", "uri_template", "webcolors")


def kernelspec_directories():
    """Where the server looks for kernels, in its order: jupyter_core.paths, whose import would cost time here."""
    data = os.environ.get("JUPYTER_DATA_DIR", os.path.expanduser("~/.local/share/jupyter"))
    path = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    folders = [*path, os.path.join(sys.prefix, "share/jupyter"), data, "/usr/local/share/jupyter", "/usr/share/jupyter"]
    return [os.path.join(folder, "kernels") for folder in folders if folder]


def read_kernelspec(name):
    """The kernelspec called `name` and its folder, or None."""
    for directory in kernelspec_directories():
        folder = os.path.join(directory, name)
        try:
            with open(os.path.join(folder, "kernel.json"), encoding="utf-8") as file:
                return json.load(file), folder
        except FileNotFoundError:
            continue
    return None


def free_ports(count):
    """Loopback ports that nobody listens on. All are held until the last one is found, so they differ."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


class EarlyKernel:
    """The kernel process that was started before the server."""

    def __init__(self, name):
        spec, folder = read_kernelspec(name) or (None, None)
        if spec is None:
            raise LookupError(f"no kernelspec named {name!r}")
        if "kernel_provisioner" in spec.get("metadata", {}):
            raise LookupError(f"kernelspec {name!r} has a provisioner of its own")
        self.name = name
        self.folder = folder
        self.connection_file = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], f"kernel-{secrets.token_hex(8)}.json")
        self.connection_info = {
            **dict(zip(PORT_NAMES, free_ports(len(PORT_NAMES)))),
            "ip": "127.0.0.1",
            "transport": "tcp",
            "key": secrets.token_hex(16),
            "signature_scheme": "hmac-sha256",
            "kernel_name": name,
        }
        descriptor = os.open(self.connection_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self.connection_info, file)
        places = {"connection_file": self.connection_file, "prefix": sys.prefix, "resource_dir": folder}
        command = [substitute(part, places) for part in spec["argv"]]
        if command[0] in ("python", "python3"):
            command[0] = sys.executable
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={
                **os.environ,
                **{key: os.path.expandvars(value) for key, value in spec.get("env", {}).items()},
                "JPY_PARENT_PID": str(os.getpid()),
            },
        )

    def alive(self):
        return self.process.poll() is None


def substitute(part, places):
    for name, value in places.items():
        part = part.replace("{%s}" % name, value)
    return part


def use_early_kernel(early):
    """Makes the server's first launch of a kernel called `early.name` take over the early process."""
    from importlib.metadata import EntryPoint

    from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

    waiting = [early]

    class EarlyKernelProvisioner(LocalProvisioner):
        _early = None

        async def pre_launch(self, **kwargs):
            manager = self.parent
            if waiting and manager is not None and manager.kernel_name == waiting[0].name:
                early = waiting.pop()
                if os.path.realpath(manager.kernel_spec.resource_dir) != os.path.realpath(early.folder):
                    early.process.kill()  # the server has found another kernel of this name
                    early.process.wait()
                elif early.alive():
                    # With the connection file in place, the ordinary steps keep its ports and key,
                    # also when the kernel is restarted later.
                    manager.load_connection_info(early.connection_info)
                    manager.connection_file = early.connection_file
                    manager._connection_file_written = True
                    self.ports_cached = True
                    self._early = early
            return await super().pre_launch(**kwargs)

        async def launch_kernel(self, cmd, **kwargs):
            early, self._early = self._early, None
            if early is None:
                return await super().launch_kernel(cmd, **kwargs)
            self.process = early.process
            self.pid = early.process.pid
            self.pgid = os.getpgid(self.pid)
            return self.connection_info

    name = "early-kernel-provisioner"
    globals()["EarlyKernelProvisioner"] = EarlyKernelProvisioner
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[name] = EntryPoint(name, "__main__:EarlyKernelProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = name


def main():
    token = os.environ.pop("JUPYTER_TOKEN")  # kernels inherit the environment
    early = None
    try:
        early = EarlyKernel(os.environ["CODE_INTERPRETER_KERNEL_NAME"])
    except (OSError, LookupError, KeyError, ValueError) as error:
        print(f"start_jupyter: no early kernel: {error}", file=sys.stderr, flush=True)

    gc.disable()  # nothing to collect while modules are imported
    for module in UNUSED_FORMATS:
        sys.modules.setdefault(module, None)
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_core.paths import jupyter_path
    from jupyter_server.serverapp import ServerApp

    class InstalledKernels(KernelSpecManager):
        """Kernels in Jupyter's own directories. The default also asks IPython, whose import takes 0.2 s."""

        ensure_native_kernel = False

        def _kernel_dirs_default(self):
            return jupyter_path("kernels")

    class SessionServer(ServerApp):
        """Only the services that the interpreter calls: each of the others costs start-up time."""

        name = "jupyter-server"
        default_services = ("api", "auth", "kernels", "kernelspecs", "sessions")

    if early is not None:
        use_early_kernel(early)
    server = SessionServer.instance(kernel_spec_manager_class=InstalledKernels)
    server.initialize(
        [
            f"--ServerApp.sock={SOCKET}",
            "--ServerApp.sock_mode=0660",
            f"--ServerApp.root_dir={os.path.expanduser('~')}",
            "--ServerApp.open_browser=False",
            "--ServerApp.terminals_enabled=False",
            "--ServerApp.log_level=WARN",
            f"--IdentityProvider.token={token}",
            "--ZMQChannelsWebsocketConnection.limit_rate=False",
            "--MappingKernelManager.buffer_offline_messages=False",
            # How often it looks whether the kernel lives: until it has noticed a death, a call waits in vain.
            "--KernelRestarter.time_to_dead=0.5",
            # How long a stuck kernel may hold up its replacement.
            "--KernelManager.shutdown_wait_time=0.5",
            "--ServerApp.tornado_settings=" + repr({"websocket_max_message_size": 256 * 2**20}),
        ],
        find_extensions=False,
    )
    gc.enable()
    server.start()


if __name__ == "__main__":
    main()
