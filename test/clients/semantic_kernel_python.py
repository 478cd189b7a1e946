"""Semantic Kernel's Python plugin, as installed. It takes https only, with the emulator's certificate."""

import asyncio
import os
import sys
import tempfile
import urllib.request

folder = tempfile.TemporaryDirectory()
certificate = os.path.join(folder.name, "ca.pem")
urllib.request.urlretrieve(os.environ["EMULATOR"] + "/_emulator/ca.pem", certificate)
os.environ["SSL_CERT_FILE"] = certificate

from semantic_kernel.core_plugins.sessions_python_tool.sessions_python_plugin import (  # noqa: E402
    SessionsPythonTool,
)
from steps import Steps, contains, equal  # noqa: E402

steps = Steps("semantic-kernel SessionsPythonTool")
local = os.path.join(folder.name, "numbers.csv")
with open(local, "w") as file:
    file.write("1,2\n3,4\n")


async def token() -> str:
    """The emulator takes any."""
    return "none"


tool = SessionsPythonTool(
    pool_management_endpoint=os.environ["PYTHON_POOL"].replace("http://", "https://"),
    auth_callback=token,
    enable_dangerous_file_uploads=True,
    allowed_upload_directories={folder.name},
    allowed_download_directories={folder.name},
)
loop = asyncio.new_event_loop()
wait = loop.run_until_complete


@steps.step("execute")
def _():
    output = wait(tool.execute_code("print('hello world')\n1 + 1"))
    contains(output, "Status:\nSuccess")
    contains(output, "Result:\n2")
    contains(output, "Stdout:\nhello world")


@steps.step("upload right after an execution")
def _():
    metadata = wait(tool.upload_file(local_file_path=local))
    equal((metadata.filename, metadata.size_in_bytes), ("numbers.csv", 8))


@steps.step("the program sees what was uploaded")
def _():
    contains(wait(tool.execute_code("len(open('/mnt/data/numbers.csv').readlines())")), "Result:\n2")


@steps.step("list")
def _():
    equal([file.filename for file in wait(tool.list_files())], ["numbers.csv"])


@steps.step("download")
def _():
    equal(wait(tool.download_file(remote_file_name="numbers.csv")).read(), b"1,2\n3,4\n")


@steps.step("a failing program")
def _():
    contains(wait(tool.execute_code("1 / 0")), "ZeroDivisionError: division by zero")


sys.exit(1 if steps.failed else 0)
