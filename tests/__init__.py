import os

# For users without a name: some libraries ask for a home as they are imported.
if os.path.expanduser("~") == "~":
    os.environ["HOME"] = "/"
