"""LangChain's Python REPL tool, as installed, with the token of DefaultAzureCredential."""

import base64
import json
import os
import sys
import tempfile
import time
from io import BytesIO

from langchain_azure_dynamic_sessions import SessionsPythonREPLTool
from steps import Steps, contains, equal

steps = Steps("langchain SessionsPythonREPLTool")
tool = SessionsPythonREPLTool(pool_management_endpoint=os.environ["PYTHON_POOL"])


@steps.step("execute")
def _():
    output = json.loads(tool.run("print('hello world')\n1 + 1"))
    equal(output, {"result": 2, "stdout": "hello world\n", "stderr": ""})


@steps.step("variables live on")
def _():
    tool.run("answer = 6 * 7")
    equal(json.loads(tool.run("answer"))["result"], 42)


@steps.step("a fresh session has no files")
def _():
    equal(tool.list_files(), [])


@steps.step("upload")
def _():
    metadata = tool.upload_file(data=BytesIO(b"hello from cl\xc3\xa9\n"), remote_file_path="my file ü.txt")
    equal(metadata.size_in_bytes, 16)
    equal(metadata.filename, "my file ü.txt")


@steps.step("upload of a local file")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "numbers.csv")
        with open(path, "w") as file:
            file.write("1,2\n3,4\n")
        equal(tool.upload_file(local_file_path=path).full_path, "/mnt/data/numbers.csv")


@steps.step("the program sees what was uploaded")
def _():
    equal(json.loads(tool.run("len(open('/mnt/data/numbers.csv').readlines())"))["result"], 2)


@steps.step("list")
def _():
    tool.run("open('/mnt/data/made inside.txt', 'w').write('x' * 10)")
    listed = {file.filename: file.size_in_bytes for file in tool.list_files()}
    equal(listed, {"my file ü.txt": 16, "numbers.csv": 8, "made inside.txt": 10})


@steps.step("download")
def _():
    equal(tool.download_file(remote_file_path="my file ü.txt").read(), b"hello from cl\xc3\xa9\n")


@steps.step("download to a local file")
def _():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.txt")
        tool.download_file(remote_file_path="made inside.txt", local_file_path=path)
        with open(path) as file:
            equal(file.read(), "x" * 10)


@steps.step("download of a file that is not there")
def _():
    try:
        tool.download_file(remote_file_path="nothing.txt")
    except Exception as error:
        equal(error.response.status_code, 404)
    else:
        raise AssertionError("it gave a file")


@steps.step("a failing program")
def _():
    properties = tool.execute("print('before')\n1 / 0")
    equal(properties["status"], "Failure")
    equal(properties["stdout"], "before\n")
    contains(properties["stderr"], "ZeroDivisionError: division by zero")


@steps.step("a figure")
def _():
    message = tool.invoke(
        {
            "args": {"python_code": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()"},
            "id": "1",
            "name": tool.name,
            "type": "tool_call",
        }
    )
    equal(json.loads(message.content)["result"], {"type": "image", "format": "png"})
    equal(base64.b64decode(message.artifact["result"]["base64_data"])[:4], b"\x89PNG")


@steps.step("delete")
def _():
    before = tool.session_id
    tool.close()
    if tool.session_id == before:
        raise AssertionError("the session id is the same as before")
    # The tool deletes in a thread of its own and keeps the outcome to itself.
    again = SessionsPythonREPLTool(pool_management_endpoint=os.environ["PYTHON_POOL"], session_id=before)
    for _attempt in range(60):
        if again.list_files() == []:
            break
        time.sleep(0.5)
    equal(again.list_files(), [])
    contains(again.execute("answer")["stderr"], "NameError")
    again.close()


sys.exit(1 if steps.failed else 0)
