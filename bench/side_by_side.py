"""Work in several threads that ends together: where one part fails, or a person interrupts, the others are stopped.

What waits for long, for a download or for another program, looks now and then whether it has been told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TypeVar

from filelock import FileLock, Timeout

from bench.errors import BenchError, ToolError

GRACE_S = 2.0
Key = TypeVar("Key", bound=Hashable)
T = TypeVar("T")
_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


class Stopped(ToolError):
    """This work was given up, because other work failed or a person interrupted: that is what is to be told."""


def check_stopped() -> None:
    """Stopped where the work that this thread is part of was given up."""
    event = _stop.get()
    if event is not None and event.is_set():
        raise Stopped("given up")


@contextmanager
def held(lock: FileLock, wait_for_it: Callable[[], None] = lambda: None) -> Iterator[None]:
    """The lock, waited for; `wait_for_it` is called where another process has it. Stopped as `check_stopped` says."""
    try:
        lock.acquire(timeout=1)
    except Timeout:
        wait_for_it()
        while not lock.is_locked:
            check_stopped()
            with suppress(Timeout):
                lock.acquire(timeout=0.2)
    try:
        yield
    finally:
        lock.release()


def side_by_side(actions: Mapping[Key, Callable[[], T]], also_failed: Callable[[str], None]) -> dict[Key, T]:
    """What the actions give, each in a thread of its own.

    Where one raises, the others are told to stop soon after, and it is raised again; `also_failed` is told what failed
    beside it.
    """
    event = threading.Event()
    token = _stop.set(event)
    try:
        with ThreadPoolExecutor(max(len(actions), 1)) as pool:
            try:
                futures = {key: pool.submit(copy_context().run, action) for key, action in actions.items()}
                done, _ = wait(futures.values(), return_when=FIRST_EXCEPTION)
                if len(done) < len(futures):  # what fails for the same reason is told with it
                    done, _ = wait(futures.values(), timeout=GRACE_S)
                failed = [future for future in futures.values() if future in done and future.exception() is not None]
            finally:
                event.set()
        for other in _others(list(futures.values()), failed):
            also_failed(str(other))
        if failed:
            failed[0].result()
        return {key: future.result() for key, future in futures.items()}
    finally:
        _stop.reset(token)


def _others(futures: list[Future[T]], failed: list[Future[T]]) -> list[BenchError]:
    """What else went wrong by itself."""
    errors = [future.exception() for future in futures if future not in failed[:1]]
    return [error for error in errors if isinstance(error, BenchError) and not isinstance(error, Stopped)]
