"""`python -m praktijktest`: the same program as the console script."""

from praktijktest.cli.main import run

if __name__ == "__main__":
    run()
