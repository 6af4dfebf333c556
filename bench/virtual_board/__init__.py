"""Everything that exists only for the virtual board: QEMU RISC-V with exact instruction counts.

`hal/` is the board support that both languages share, `arduino_core/` and `platform/` make PlatformIO build sketches
for it, `micropython_port/` and `firmware.py` build MicroPython for it, `qemu.py` runs either image, `board.py` is what
the harness sees, `repl.py` opens the board to people.
"""
