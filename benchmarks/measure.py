"""Run a command and print what its whole process took: wall s, processor s, peak megabytes.

A program of its own because Linux counts the memory of the process that started a command as
the command's, too: this one is small.
Usage: python measure.py COMMAND …
"""

import os
import subprocess
import sys
import time

started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - started
process.returncode = os.waitstatus_to_exitcode(status)
print(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(process.returncode)
