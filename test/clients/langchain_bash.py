"""LangChain's bash tool, as installed, with the token of DefaultAzureCredential."""

import json
import os
import sys
import time
from io import BytesIO

from langchain_azure_dynamic_sessions.tools.sessions import SessionsBashTool
from steps import Steps, contains, equal

steps = Steps("langchain SessionsBashTool")
tool = SessionsBashTool(pool_management_endpoint=os.environ["SHELL_POOL"])


@steps.step("execute")
def _():
    output = json.loads(tool.run("echo hello; echo oops >&2"))
    equal(output, {"stdout": "hello\n", "stderr": "oops\n", "exitCode": 0})


@steps.step("a failing program")
def _():
    output = json.loads(tool.run("ls /no/such/folder"))
    equal(output["exitCode"], 2)
    contains(output["stderr"], "No such file or directory")
    equal(json.loads(tool.run("exit 7"))["exitCode"], 7)


@steps.step("upload")
def _():
    metadata = tool.upload_file(data=BytesIO(b"1,2\n3,4\n"), remote_file_path="numbers.csv")
    equal((metadata.filename, metadata.size_in_bytes), ("numbers.csv", 8))


@steps.step("the command sees what was uploaded")
def _():
    equal(json.loads(tool.run("pwd; wc -l < numbers.csv"))["stdout"], "/mnt/data\n2\n")


@steps.step("list")
def _():
    tool.run("printf 0123456789 > made.txt")
    listed = {file.filename: file.size_in_bytes for file in tool.list_files()}
    equal(listed, {"numbers.csv": 8, "made.txt": 10})


@steps.step("download")
def _():
    equal(tool.download_file(remote_file_path="made.txt").read(), b"0123456789")


@steps.step("download by full path")
def _():
    equal(tool.download_file(remote_file_path="/mnt/data/numbers.csv").read(), b"1,2\n3,4\n")


@steps.step("a figure, drawn by a program and downloaded")
def _():
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    equal(json.loads(tool.run(f"echo {png} | base64 -d > dot.png; file -b --mime-type dot.png"))["stdout"], "image/png\n")
    equal(tool.download_file(remote_file_path="dot.png").read()[:4], b"\x89PNG")


@steps.step("output beyond 4096 bytes is cut")
def _():
    output = json.loads(tool.run("head -c 8000 /dev/zero | tr '\\0' x"))
    equal((len(output["stdout"]), output["exitCode"]), (4096, 0))


@steps.step("delete")
def _():
    before = tool.session_id
    tool.close()
    again = SessionsBashTool(pool_management_endpoint=os.environ["SHELL_POOL"], session_id=before)
    for _attempt in range(60):
        if again.list_files() == []:
            break
        time.sleep(0.5)
    equal(again.list_files(), [])
    again.close()


sys.exit(1 if steps.failed else 0)
