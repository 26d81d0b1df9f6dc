"""Runs a program that dies with its parent, even when the parent is killed with -9.

`python leash.py SIGNAL PARENT_PID PROGRAM [ARGUMENT ...]` asks the kernel to send this process
SIGNAL (a number) when its parent ends, then becomes PROGRAM. It is a program of its own because
the request must be made between fork and exec, where a process with threads may run no Python.
Only Linux can do this; elsewhere PROGRAM runs all the same, and outlives a killed parent.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program named by the arguments."""
    death_signal, parent, *program = sys.argv[1:]
    if sys.platform == "linux":
        if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
            sys.exit("the kernel refused PR_SET_PDEATHSIG")
        if os.getppid() != int(parent):
            sys.exit("the parent ended before this program began")
    try:
        os.execvp(program[0], program)  # noqa: S606 - becoming another program is its whole work
    except OSError as refused:
        sys.exit(f"{program[0]} cannot be run: {refused.strerror}")


if __name__ == "__main__":
    main()
