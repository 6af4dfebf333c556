"""The real ESP32 family: its chips, the ports they hang on, flashing and reset. Nothing here is POSIX-only."""
