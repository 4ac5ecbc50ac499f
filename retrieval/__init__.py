"""Find the passages that bear on a question: archive, indexes, retriever."""

import os

# Read when ONNX Runtime is first imported: it would tell its maker what runs, and keep a device id.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
