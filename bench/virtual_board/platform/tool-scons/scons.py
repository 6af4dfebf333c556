"""PlatformIO starts this file as its build engine; SCons comes from the Python environment."""

import SCons.Script

SCons.Script.main()
