"""The Sun and four planets, n steps of their motion in single precision: arithmetic with a square root a pair.

Units: astronomical unit, year, and the Sun's mass times 4 pi^2. Positions, velocities and masses are rounded to 1/65536
so that both languages hold exactly the same.
"""

from array import array
from math import sqrt

from benchlib import adler32

BODIES = 5  # Sun, Jupiter, Saturn, Uranus, Neptune
STEP = 1 / 128  # years

X = (0, 317288, 546791, 845045, 1007924)
Y = (0, -76043, 270323, -990324, -1698648)
Z = (0, -6791, -26445, -14635, 11748)
VX = (0, 39736, -66242, 70962, 64166)
VY = (0, 184286, 119647, 56932, 38974)
VZ = (0, -1653, 552, -710, -2278)
MASS = (2587258, 2470, 740, 113, 133)

steps = 0
mass = array("f")
initial_x = array("f")
initial_y = array("f")
initial_z = array("f")
initial_vx = array("f")
initial_vy = array("f")
initial_vz = array("f")
x = array("f")
y = array("f")
z = array("f")
vx = array("f")
vy = array("f")
vz = array("f")


def load(values: array, initial: array) -> None:
    """Copy one initial value of every body."""
    for i in range(BODIES):
        values[i] = initial[i]


def attract(x: array, y: array, z: array, vx: array, vy: array, vz: array, mass: array, step: float) -> None:
    """Change the velocities by what all pairs of bodies do to each other during a step."""
    for i in range(BODIES):
        for j in range(i + 1, BODIES):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            dz = z[i] - z[j]
            square = dx * dx + dy * dy + dz * dz
            pull = step / (square * sqrt(square))
            pull_i = mass[j] * pull
            pull_j = mass[i] * pull
            vx[i] -= dx * pull_i
            vy[i] -= dy * pull_i
            vz[i] -= dz * pull_i
            vx[j] += dx * pull_j
            vy[j] += dy * pull_j
            vz[j] += dz * pull_j


def move(values: array, velocities: array, step: float) -> None:
    """Change one coordinate of every body by what its velocity makes of it during a step."""
    for i in range(BODIES):
        values[i] += step * velocities[i]


def advance(n: int, step: float) -> None:
    """Make n steps from the initial state."""
    load(x, initial_x)
    load(y, initial_y)
    load(z, initial_z)
    load(vx, initial_vx)
    load(vy, initial_vy)
    load(vz, initial_vz)
    for _ in range(n):
        attract(x, y, z, vx, vy, vz, mass, step)
        move(x, vx, step)
        move(y, vy, step)
        move(z, vz, step)


def fill(values: array, parts: tuple) -> None:
    """Enter what is given in parts of 1/65536."""
    for i in range(BODIES):
        values[i] = parts[i] / 65536


def stop_drift(velocities: array) -> None:
    """Give the Sun the velocity with which the common centre of mass rests."""
    for i in range(1, BODIES):
        velocities[0] -= velocities[i] * mass[i] / mass[0]


def setup(n: int, seed: int) -> None:
    global steps, mass, initial_x, initial_y, initial_z, initial_vx, initial_vy, initial_vz, x, y, z, vx, vy, vz
    steps = n
    mass = array("f", [0.0] * BODIES)
    initial_x = array("f", [0.0] * BODIES)
    initial_y = array("f", [0.0] * BODIES)
    initial_z = array("f", [0.0] * BODIES)
    initial_vx = array("f", [0.0] * BODIES)
    initial_vy = array("f", [0.0] * BODIES)
    initial_vz = array("f", [0.0] * BODIES)
    x = array("f", [0.0] * BODIES)
    y = array("f", [0.0] * BODIES)
    z = array("f", [0.0] * BODIES)
    vx = array("f", [0.0] * BODIES)
    vy = array("f", [0.0] * BODIES)
    vz = array("f", [0.0] * BODIES)
    fill(mass, MASS)
    fill(initial_x, X)
    fill(initial_y, Y)
    fill(initial_z, Z)
    fill(initial_vx, VX)
    fill(initial_vy, VY)
    fill(initial_vz, VZ)
    stop_drift(initial_vx)
    stop_drift(initial_vy)
    stop_drift(initial_vz)


def run() -> int:
    advance(steps, STEP)
    return 0


def checksum(result: int) -> int:
    total = adler32(z, adler32(y, adler32(x)))
    return adler32(vz, adler32(vy, adler32(vx, total)))
