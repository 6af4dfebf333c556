"""PlatformIO starts this file as its build engine; SCons comes from the Python environment."""

import ctypes
import signal
import sys

import SCons.Script

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    # When PlatformIO is killed, so is its build engine: it must not tidy up in the middle of the next build.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

SCons.Script.main()
