"""The real esptool, where PlatformIO looks for its own copy."""

import sys

# This file is named esptool.py where it is used: its folder must not hide the library of that name.
sys.path.pop(0)

import esptool

if __name__ == "__main__":
    esptool._main()
