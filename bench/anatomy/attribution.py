"""From functions to components and causes, by the table components.toml, which holds the reasoning too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bench.catalogue import NAME
from bench.errors import InputError

SCHEMA = 1
TABLE_FILE = Path(__file__).with_name("components.toml")
OTHER = "other"  # the component of what the table does not know
WORKLOAD = "workload"
CALLER = "caller"  # in a rule: what the caller has
ANY = "*"  # in a rule: any caller that the rule does not name
_GCC_SUFFIX = re.compile(r"( \[clone )?\.(part|isra|constprop|cold|lto_priv)(\.\d+)*\]?")
_NAMESPACE = re.compile(r"\w+(?=::)")


@dataclass(frozen=True)
class Rule:
    """How the instructions of some functions are counted."""

    component: str
    cause: str
    callees: bool = False  # whatever they call has their cause too
    under: Mapping[str, str] = field(default_factory=dict)  # the nearest caller's component -> cause
    component_under: Mapping[str, str] = field(default_factory=dict)  # the nearest caller's component -> component


@dataclass(frozen=True)
class Table:
    """The contents of components.toml, in the order of the file, which is that of pictures."""

    components: Mapping[str, str]  # key -> label
    component_reasons: Mapping[str, str]
    causes: Mapping[str, str]
    cause_reasons: Mapping[str, str]
    exact: Mapping[str, Rule]
    patterns: Mapping[str, Rule]
    defaults: Mapping[str, Rule]  # of each component


def load_table(path: Path = TABLE_FILE) -> Table:
    """The table in that file. InputError says in one line what is wrong with it."""
    try:
        return parse_table(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise InputError(f"cannot read the table of components {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not valid TOML: {error}") from error


def parse_table(text: str, source: str) -> Table:
    """The table of a TOML text; InputError begins with `source`."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        raise InputError(f"{source} is not valid TOML: {error}") from error
    if document.get("schema") != SCHEMA:
        raise InputError(f"{source}: expected schema = {SCHEMA}, got {document.get('schema')!r:.40}")
    _check_keys(document, {"schema", "cause", "component"}, {"schema", "cause", "component"}, source)
    causes = _tables(document, "cause", source)
    components = _tables(document, "component", source)
    for needed in (OTHER, WORKLOAD):
        if needed not in components:
            raise InputError(f"{source}: expected a table [component.{needed}]")
    for key, table in causes.items():
        _check_part(table, {"label", "reason"}, {"label", "reason"}, f"{source}: [cause.{key}]")
    defaults: dict[str, Rule] = {}
    listed: dict[str, Rule] = {}
    for key, table in components.items():
        where = f"{source}: [component.{key}]"
        needed_keys = {"label", "reason", "cause", "functions"}
        _check_part(table, needed_keys, needed_keys | {"callees", "under", "group"}, where)
        default = Rule(key, table["cause"], table.get("callees", False), table.get("under", {}))
        defaults[key] = default
        _check_rule(default, causes, components, where)
        _enter(listed, table["functions"], default, where)
        for group in _groups(table, where):
            _check_part(
                group, {"reason", "functions"}, {"reason", "functions", "cause", "under", "component_under"}, where
            )
            rule = Rule(
                component=key,
                cause=group.get("cause", default.cause),
                callees=default.callees,
                under=group.get("under", default.under),
                component_under=group.get("component_under", {}),
            )
            _check_rule(rule, causes, components, where)
            _enter(listed, group["functions"], rule, where)
    return Table(
        components={key: table["label"] for key, table in components.items()},
        component_reasons={key: table["reason"] for key, table in components.items()},
        causes={key: table["label"] for key, table in causes.items()},
        cause_reasons={key: table["reason"] for key, table in causes.items()},
        exact={name: rule for name, rule in listed.items() if not _is_pattern(name)},
        patterns={name: rule for name, rule in listed.items() if _is_pattern(name)},
        defaults=defaults,
    )


def _is_pattern(name: str) -> bool:
    return "*" in name


def _tables(document: Mapping[str, Any], name: str, source: str) -> dict[str, dict[str, Any]]:
    tables = document[name]
    if not isinstance(tables, dict) or not tables or not all(isinstance(table, dict) for table in tables.values()):
        raise InputError(f"{source}: expected tables [{name}.<key>]")
    return tables


def _groups(table: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    groups = table.get("group", [])
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise InputError(f"{where}: expected groups as tables [[...group]], got {groups!r:.40}")
    return groups


def _check_part(table: Mapping[str, Any], needed: set[str], known: set[str], where: str) -> None:
    """The fields of a cause, a component or a group."""
    _check_keys(table, needed, known, where)
    for key in sorted({"label", "reason", "cause"} & table.keys()):
        if not isinstance(table[key], str) or not table[key].strip():
            raise InputError(f"{where}: {key}: expected a text, got {table[key]!r:.40}")


def _check_keys(table: Mapping[str, Any], needed: set[str], known: set[str], where: str) -> None:
    for key in sorted(needed - table.keys()):
        raise InputError(f"{where}: the field {key!r} is missing")
    for key in sorted(table.keys() - known):
        raise InputError(f"{where}: unknown field {key!r:.40}; known: {', '.join(sorted(known))}")


def _check_rule(rule: Rule, causes: Mapping[str, Any], components: Mapping[str, Any], where: str) -> None:
    if type(rule.callees) is not bool:
        raise InputError(f"{where}: callees: expected true or false, got {rule.callees!r:.40}")
    if rule.cause not in causes:
        raise InputError(f"{where}: no cause {rule.cause!r:.40}; known: {', '.join(causes)}")
    for name, mapping, values in (("under", rule.under, causes), ("component_under", rule.component_under, components)):
        if not isinstance(mapping, dict):
            raise InputError(f"{where}: {name}: expected a table of component = value, got {mapping!r:.40}")
        for caller, value in mapping.items():
            if caller not in {*components, ANY}:
                raise InputError(f"{where}: {name}: no component {caller!r:.40}; known: {', '.join(components)}, {ANY}")
            if value not in (*values, CALLER):
                raise InputError(f"{where}: {name}: {value!r:.40} is none of {', '.join(values)}, {CALLER}")


def _enter(listed: dict[str, Rule], functions: Any, rule: Rule, where: str) -> None:
    if not isinstance(functions, list) or not all(isinstance(name, str) and name for name in functions):
        raise InputError(f"{where}: functions: expected a list of names, got {functions!r:.40}")
    for name in functions:
        if name in listed:
            raise InputError(f"{where}: {name} is listed twice, here and in [component.{listed[name].component}]")
        listed[name] = rule


TABLE = load_table()
COMPONENTS = dict(TABLE.components)  # key -> label, in the order of pictures
CAUSES = dict(TABLE.causes)
_PATTERNS = [(re.compile(translate(pattern)), rule) for pattern, rule in TABLE.patterns.items()]


def component_of(function: str, language: str) -> str:
    """The component of a function, "other" if nobody knows it.

    `function` is a symbol as in functions.csv: demangled without parameters; suffixes of GCC do not matter.
    """
    return _rule_of(function, language).component


def cause_of(path: Sequence[str], language: str) -> str:
    """The cause of the instructions that the last function of a call path executes itself. The outermost is first."""
    return _judged(tuple(path), language)[1]


def component_at(path: Sequence[str], language: str) -> str:
    """As `component_of` the path's last function, but functions that serve others count where their caller does."""
    return _judged(tuple(path), language)[0]


def workload_namespace(function: str) -> str | None:
    """The namespace, if it is one that a workload may have; own catalogues' workloads are not known here by name."""
    namespace = _NAMESPACE.search(function)
    return namespace[0] if namespace and NAME.match(namespace[0]) else None


@cache
def _rule_of(function: str, language: str) -> Rule:
    name = _GCC_SUFFIX.sub("", function)
    rule = TABLE.exact.get(name)
    if rule is None:
        rule = next((rule for pattern, rule in _PATTERNS if pattern.match(name)), None)
    if rule is None and language == "arduino" and workload_namespace(name):
        rule = TABLE.defaults[WORKLOAD]
    return rule or TABLE.defaults[OTHER]


@lru_cache(maxsize=1 << 16)
def _judged(path: tuple[str, ...], language: str) -> tuple[str, str]:
    """Component and cause of the last function of a call path."""
    rules = [_rule_of(function, language) for function in path] or [TABLE.defaults[OTHER]]
    component = _followed(rules, [rule.component for rule in rules], [rule.component_under for rule in rules])
    for rule in rules:
        if rule.callees:
            return component, rule.cause
    return component, _followed(rules, [rule.cause for rule in rules], [rule.under for rule in rules])


def _followed(rules: list[Rule], own: list[str], under: list[Mapping[str, str]]) -> str:
    """What the last one gets: its own, or what its rule says of its caller, as far out as "caller" leads."""
    for at in range(len(rules) - 1, 0, -1):
        verdict = under[at].get(rules[at - 1].component, under[at].get(ANY))
        if verdict != CALLER:
            return verdict or own[at]
    return own[0]
