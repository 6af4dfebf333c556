"""The anatomy of the overhead: where the instructions of a measurement go, counted exactly on the virtual board."""
