"""The only way out of this Python: one device, on which every write is one command."""

import json
import os

_device = None


def connect(path):
    """Opens the device and takes its name away, so that nobody comes across it by chance."""
    global _device
    _device = os.open(path, os.O_WRONLY)
    os.unlink(path)


def tell(kind, content):
    """Sends a message of the Jupyter protocol to whoever asked for the run."""
    os.write(_device, b"M" + json.dumps({"type": kind, "content": content}).encode())


def pause(seconds):
    """Waits that long, or less when the run is interrupted meanwhile."""
    os.write(_device, b"S%.6f" % max(0.0, seconds))
