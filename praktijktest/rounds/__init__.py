"""One function per command, each a short story over the layers below; what a notebook calls."""
