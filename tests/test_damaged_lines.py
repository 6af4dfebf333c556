"""A serial line that garbles, drops and doubles bytes: every measurement ends in the right figures or in an error."""

from __future__ import annotations

import random
import select
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bench.catalogue import load_catalogue
from bench.errors import BenchError
from bench.link import Link
from bench.plan import Measurement, Sample, make_plan
from bench.runners.exchange import check_answers, collect, wait_ready
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.qemu import Qemu
from bench.wire import format_line

Damage = Callable[[bytes], bytes]
ROUNDS = 60


class NoisyWire:
    """A TCP relay in front of a guest that damages what the board sends."""

    def __init__(self, target: str, damage: Damage) -> None:
        self._damage = damage
        host, _, port = target.removeprefix("socket://").partition(":")
        self._board = socket.create_connection((host, int(port)))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self) -> None:
        client, _ = self._listener.accept()
        with client, self._board, self._listener:
            while True:
                readable, _, _ = select.select([client, self._board], [], [])
                for source in readable:
                    try:
                        data = source.recv(4096)
                        if not data:
                            return
                        if source is client:
                            self._board.sendall(data)
                        else:
                            client.sendall(self._damage(data))
                    except OSError:
                        return


def damage_with(chance: random.Random, rate: float) -> Damage:
    """Change, drop or double each byte with a small probability."""

    def damage(data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if chance.random() >= rate:
                out.append(byte)
                continue
            kind = chance.choice(("change", "drop", "double"))
            out += {"change": bytes([chance.randrange(256)]), "drop": b"", "double": bytes([byte, byte])}[kind]
        return bytes(out)

    return damage


@contextmanager
def suite_behind(board: VirtualBoard, damage: Damage) -> Iterator[Link]:
    """The Arduino suite, booted, behind a damaging wire."""
    with Qemu(board.profile, board.image("arduino")) as guest:
        link = Link.open(NoisyWire(guest.url, damage).url, is_alive=guest.is_alive)
        try:
            yield link
        finally:
            link.close()


def measure_once(link: Link, measurement: Measurement) -> list[Sample]:
    """One try without any retry."""
    wait_ready(link, 2)
    command = {"id": 1, "workload": measurement.workload, "n": measurement.n, "seed": measurement.seed}
    link.write(format_line("run", command | {"loops": 0, "min_ticks": 10_000, "samples": 3}))
    samples = collect(link, measurement, 1, 3, timeout_s=1).samples
    check_answers(samples, measurement)
    return samples


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_damage_never_changes_a_figure(board: VirtualBoard, seed: int) -> None:
    plan = make_plan(load_catalogue(), names=["crc32"], quick=True)
    measurement = next(m for m in plan if m.workload == "crc32" and m.language == "arduino")
    with suite_behind(board, lambda data: data) as link:
        undisturbed = measure_once(link, measurement)
    chance = random.Random(seed)
    tally: Counter[str] = Counter()
    for _ in range(ROUNDS // 3):
        try:
            with suite_behind(board, damage_with(chance, rate=10 ** chance.uniform(-4, -1.5))) as link:
                assert measure_once(link, measurement) == undisturbed
                tally["right figures"] += 1
        except BenchError as error:
            tally[type(error).__name__] += 1
    print(f"seed {seed}: {dict(tally)}")
    assert tally["right figures"] > 0
    assert sum(tally.values()) > tally["right figures"]
