"""Launcher from a checkout: `python cli.py analyse …`; the program itself is `praktijktest.cli`."""

from praktijktest.cli.main import run

run()
