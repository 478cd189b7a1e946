"""Starts the Jupyter server, and the session's first kernel at the same time.

Importing the server takes about as long as starting a kernel, and a kernel is always asked for. So the
kernel's process is started first; the first request for a kernel of that name takes it over. Whatever goes
wrong with the early kernel, the server starts one the ordinary way.
"""

import json
import os
import secrets
import socket
import subprocess
import sys

SOCKET = os.environ["JUPYTER_SOCKET"]
PORT_NAMES = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


def kernelspec_directories():
    """Where the server looks for kernels, in its order."""
    yield os.path.expanduser("~/.local/share/jupyter/kernels")
    yield os.path.join(sys.prefix, "share/jupyter/kernels")
    yield "/usr/local/share/jupyter/kernels"
    yield "/usr/share/jupyter/kernels"


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
        self.name = name
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
                if early.alive():
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

    from jupyter_server.serverapp import ServerApp

    class SessionServer(ServerApp):
        """Only the services that the interpreter calls: each of the others costs start-up time."""

        name = "jupyter-server"
        default_services = ("api", "auth", "kernels", "kernelspecs", "sessions")

    if early is not None:
        use_early_kernel(early)
    server = SessionServer.instance()
    server.initialize(
        [
            f"--ServerApp.sock={SOCKET}",
            "--ServerApp.sock_mode=0660",
            "--ServerApp.root_dir=/home/ubuntu",
            "--ServerApp.open_browser=False",
            "--ServerApp.terminals_enabled=False",
            "--ServerApp.log_level=WARN",
            f"--IdentityProvider.token={token}",
            "--ZMQChannelsWebsocketConnection.limit_rate=False",
            "--MappingKernelManager.buffer_offline_messages=False",
            "--ServerApp.tornado_settings=" + repr({"websocket_max_message_size": 256 * 2**20}),
        ],
        find_extensions=False,
    )
    server.start()


if __name__ == "__main__":
    main()
