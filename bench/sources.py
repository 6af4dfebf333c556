"""What the two sources of a workload define, and which of it is timed: read from the text, nothing is executed.

The script is read by Python's own parser. The C++ header is read by a scanner that knows the form in which the headers
are written: `static ... name(arguments) {` at the margin, and `struct Name {` with methods indented by two.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import InputError

CONSTRUCTOR = "__init__"  # in Python; in C++ a constructor has its struct's name, or is a method `init`
NOINLINE = "BENCH_NOINLINE"
_COMMENT_OR_TEXT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
_FUNCTION = re.compile(r"^static\s+(?P<type>[^;={}()]*?)(?P<name>\w+)\((?P<arguments>[^()]*)\)\s*\{", re.MULTILINE)
_STRUCT = re.compile(r"^(?:struct|class)\s+(?P<name>\w+)[^;{}()]*\{", re.MULTILINE)
_METHOD = re.compile(
    r"^  (?P<type>[^\s;={}()#][^;={}()]*?)?(?P<name>\b\w+)\((?P<arguments>[^()]*)\)[^;{}]*\{", re.MULTILINE
)
_ASSIGNMENT = re.compile(r"\b(?P<target>\w+)(?:\[[^\]\n]*\]|(?:\.|->)\w+)*\s*=(?!=)(?P<value>[^;]*);")
_NOT_A_METHOD = {"if", "for", "while", "switch", "catch", "return", "sizeof"}


@dataclass(frozen=True)
class Source:
    """One of a workload's two programs. Functions are named as in the contract: methods as Class.method."""

    path: Path
    functions: tuple[str, ...]  # in the order of the file; functions within functions belong to the outer one
    timed: tuple[str, ...]  # those that run() reaches, itself included, in the order of the file
    names: Mapping[str, frozenset[str]]  # by function: the names it uses; in Python without its own variables
    defined: tuple[str, ...]  # every name at the top of the file: functions, classes, variables, imports
    noinline: frozenset[str] = frozenset()  # in C++: functions that the compiler must keep as functions

    def timed_names(self) -> Iterator[tuple[str, str]]:
        """The names that timed functions use, with the function: what the timed part does beside its own arithmetic."""
        for function in self.timed:
            yield from ((function, name) for name in sorted(self.names[function]))


# ---- MicroPython


def read_script(path: Path) -> Source:
    """What a MicroPython script defines. InputError with file and line where it is not valid Python."""
    tree = _parsed(path)
    bodies = dict(_python_functions(tree))
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    names = {function: _names_used(body) for function, body in bodies.items()}
    aliases = _aliases(_python_assignments(tree), bodies)
    timed = _reached(bodies, {f: _callees(used, bodies, classes, aliases) for f, used in names.items()})
    return Source(path, tuple(bodies), timed, names, tuple(_bound_names(tree.body)))


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except SyntaxError as error:
        raise InputError(f"{path}:{error.lineno or 1}: {error.msg}") from error
    except ValueError as error:  # not UTF-8, or a zero byte
        raise InputError(f"{path}:1: not a Python source: {error}") from error


def _python_functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{m.name}", m) for m in node.body if isinstance(m, ast.FunctionDef))


def _names_used(function: ast.FunctionDef) -> frozenset[str]:
    """The names in the body: global ones, and those after a dot, which may be methods."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    own = {argument.arg for node in [function, *nodes] for argument in _arguments(node)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - declared
    used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - own
    return frozenset(used | {f".{n.attr}" for n in nodes if isinstance(n, ast.Attribute)})


def _arguments(node: ast.AST) -> list[ast.arg]:
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        return []
    a = node.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x)]


def _python_assignments(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Variables, and the names in what is assigned to them, but those that are called there."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        called = {id(call.func) for call in ast.walk(node.value) if isinstance(call, ast.Call)}
        names = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name) and id(n) not in called}
        names |= {f".{n.attr}" for n in ast.walk(node.value) if isinstance(n, ast.Attribute) and id(n) not in called}
        for target in node.targets:
            roots = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
            yield from ((root, names) for root in roots[:1])


def _bound_names(statements: Iterable[ast.stmt]) -> Iterator[str]:
    for node in statements:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        else:
            stored = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            yield from (n.id for n in stored)


# ---- C++


def read_header(path: Path) -> Source:
    """What a workload's C++ header defines. InputError where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    for pattern in (_COMMENT_OR_TEXT, _ATTRIBUTE):
        text = pattern.sub(_blank, text)
    found = sorted(_cpp_functions(text), key=lambda function: function.start)
    structs = {match["name"] for match in _STRUCT.finditer(text)}
    names = {f.name: _words(f.body, structs) for f in found}
    assignments = ((m["target"], _mentioned(m["value"])) for m in _ASSIGNMENT.finditer(text))
    aliases = _aliases(assignments, names)
    timed = _reached(names, {f: _callees(used, names, structs, aliases) for f, used in names.items()})
    noinline = frozenset(f.name for f in found if NOINLINE in f.type)
    return Source(path, tuple(f.name for f in found), timed, names, tuple(f.name for f in found), noinline)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


@dataclass(frozen=True)
class _CppFunction:
    name: str
    type: str  # all that stands before the name
    body: str
    start: int


def _cpp_functions(text: str) -> Iterator[_CppFunction]:
    for match in _FUNCTION.finditer(text):
        yield _CppFunction(match["name"], match["type"], _body(text, match.end()), match.start())
    for struct in _STRUCT.finditer(text):
        inside = _body(text, struct.end())
        for match in _METHOD.finditer(inside):
            if match["name"] in _NOT_A_METHOD:
                continue
            method = CONSTRUCTOR if match["name"] in (struct["name"], "init") else match["name"]
            initialisers = match[0][match.end("arguments") - match.start() :]
            body = initialisers + _body(inside, match.end())
            place = struct.end() + match.start()
            yield _CppFunction(f"{struct['name']}.{method}", match["type"] or "", body, place)


def _body(text: str, start: int) -> str:
    """The text from behind an opening brace to its closing one."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[start:place]
    return text[start:]


def _words(body: str, structs: set[str]) -> frozenset[str]:
    """The names in a body. A struct's name counts where an object is made, not in `Name *pointer`."""
    used = set(_mentioned(body, called=True)) - structs
    for struct in structs:
        if re.search(rf"\bnew\s+{struct}\b|\b{struct}\s*[({{]|\b{struct}\s+\w+\s*[;({{=\[]", body):
            used.add(struct)
    return frozenset(used)


def _mentioned(text: str, *, called: bool = False) -> set[str]:
    """Names with what qualifies them: `.name` for members, `bench::name`; those that are called only if asked for."""
    names = re.findall(r"(?:\b(\w+)::|(\.|->)\s*)?\b([A-Za-z_]\w*)\b(?!::)(\s*\()?", text)
    found = set()
    for namespace, member, name, call in names:
        if call and not called:
            continue
        if member:
            found.add(f".{name}")
        else:
            found.add(f"{namespace}::{name}" if namespace == "bench" else name)
    return found


# ---- Both


def _aliases(assignments: Iterable[tuple[str, set[str]]], functions: Mapping[str, object]) -> dict[str, set[str]]:
    """Variables that hold functions: by variable, the names of the functions."""
    known = set(functions) | {f".{method.partition('.')[2]}" for method in functions if "." in method}
    aliases: dict[str, set[str]] = {}
    for target, names in assignments:
        if held := names & known:
            aliases.setdefault(target, set()).update(held)
    return aliases


def _callees(
    used: Iterable[str], functions: Mapping[str, object], classes: set[str], aliases: Mapping[str, set[str]]
) -> set[str]:
    """The functions that these names may mean. Which object a method belongs to is not known: any that has it."""
    wanted = {*used, *(held for name in used for held in aliases.get(name.lstrip("."), ()))}
    callees = {name for name in wanted if name in functions}
    callees |= {f"{name}.{CONSTRUCTOR}" for name in wanted & classes} & functions.keys()
    wanted |= {f".{CONSTRUCTOR}"} if ".init" in wanted else set()
    return callees | {f for f in functions if "." in f and f".{f.partition('.')[2]}" in wanted}


def _reached(functions: Iterable[str], callees: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The functions that run() reaches, in their order."""
    todo, reached = ["run"], set()
    while todo:
        function = todo.pop()
        if function in callees and function not in reached:
            reached.add(function)
            todo += callees[function]
    return tuple(function for function in functions if function in reached)
