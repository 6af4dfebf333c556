"""Whether data read from JSON looks as it should. A shape is

- a type: the value is of exactly that type;
- a list of one shape: the value is a list whose items all have it;
- a dictionary of shapes: the value is a dictionary with these fields. A name that ends in `?` may be missing; the name
  `*` stands for every field there is. Fields that the shape does not name may hold anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.errors import InputError


def check_shape(value: Any, shape: Any, where: str) -> None:
    """InputError, which names the place, where `value` does not have the shape."""
    if isinstance(shape, dict):
        _check_type(value, dict, where)
        _check_fields(value, shape, where)
    elif isinstance(shape, list):
        _check_type(value, list, where)
        for index, item in enumerate(value):
            check_shape(item, shape[0], f"{where}[{index}]")
    else:
        _check_type(value, shape, where)


def _check_fields(fields: Mapping[str, Any], shapes: Mapping[str, Any], where: str) -> None:
    for name, shape in shapes.items():
        key = name.removesuffix("?")
        if name == "*":
            for each, value in fields.items():
                check_shape(value, shape, f"{where}: {each}")
        elif key in fields:
            check_shape(fields[key], shape, f"{where}: {key}")
        elif key == name:
            raise InputError(f"{where}: {key!r} is missing")


def _check_type(value: object, expected: type, where: str) -> None:
    if type(value) is not expected:  # not isinstance: true and false are no numbers
        raise InputError(f"{where}: expected {expected.__name__}, got {value!r:.80}")
