"""Which program calls which function of the database, read from the code.

A program reaches what its own modules say, what that says in turn, and the methods, by name, of
every class that it has named so far. That may be too much, never too little, as long as what
holds the records is called `records`. Workflows reach nothing: their activities do, whom the
worker names itself.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

from tests.house.tree import ROOT, python_files, unit

PROGRAMS = {
    "web": ("mcp_server",),
    "worker": ("worker", "served"),
    "console": ("console", "starter"),
}
"""The units in which each program begins."""

PROGRAM_ROLES = {"signupassist_web": "web", "signupassist_worker": "worker"}
"""The roles that are a program's own."""

ASKED_BY_THE_DOCTOR = frozenset({"field_keys", "health_report"})
"""What `starter.py doctor` asks under each program's own key."""

_WALKED = {"front_door", "activities"}.union(*PROGRAMS.values())
_JOBS = Path("workflows/jobs")
"""Each file names its own activities: the worker takes them from there."""
_GATEWAY = Path("gateways/supabase_records")
_CALLS = {"_call", "_call_promptly"}
_Code = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def functions_called_by(program: str) -> frozenset[str]:
    """The functions of `public` that one of PROGRAMS may call."""
    asked = _Walk.of(program).asked
    methods = _functions_of_methods()
    called = frozenset(name for asking in asked & methods.keys() for name in methods[asking])
    return called | ASKED_BY_THE_DOCTOR


@cache
def _functions_of_methods() -> dict[str, frozenset[str]]:
    """What each method of the records calls."""
    found: dict[str, frozenset[str]] = {}
    for file in python_files():
        if not file.is_relative_to(_GATEWAY):
            continue
        for method in _parsed(file).methods():
            calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
            named = {
                call.args[0].value
                for call in calls
                if isinstance(call.func, ast.Attribute)
                and call.func.attr in _CALLS
                and isinstance(call.args[0], ast.Constant)
            }
            if named:
                found[method.name] = frozenset(map(str, named))
    return found


@dataclass(frozen=True)
class _Module:
    """One file: what its names mean."""

    defined: dict[str, _Code | ast.ClassDef]
    imported: dict[str, tuple[str, str | None]]
    """From where, and under what name there; None for the module itself."""
    loose: tuple[ast.stmt, ...]
    """What runs when it is imported."""

    def methods(self) -> Iterator[_Code]:
        for one in self.defined.values():
            if isinstance(one, ast.ClassDef):
                yield from _methods(one)


def _methods(one: ast.ClassDef) -> Iterator[_Code]:
    return (each for each in one.body if isinstance(each, _Code))


def _begins_in(program: str, file: Path) -> bool:
    return unit(file) in PROGRAMS[program] or (program == "worker" and file.is_relative_to(_JOBS))


def _statements(file: Path) -> Iterator[ast.stmt]:
    """Those of the module; a workflow's file imports what it names inside a `with`."""
    for statement in ast.parse((ROOT / file).read_text()).body:
        yield from statement.body if isinstance(statement, ast.With) else [statement]


@cache
def _parsed(file: Path) -> _Module:
    defined: dict[str, _Code | ast.ClassDef] = {}
    imported: dict[str, tuple[str, str | None]] = {}
    loose: list[ast.stmt] = []
    for statement in _statements(file):
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined[statement.name] = statement
            case ast.ImportFrom(module=str(base)):
                for alias in statement.names:
                    imported[alias.asname or alias.name] = (base, alias.name)
            case ast.Import():
                for alias in statement.names:
                    imported[alias.asname or alias.name] = (alias.name, None)
            case _:
                loose.append(statement)
    return _Module(defined, imported, tuple(loose))


@cache
def _files() -> dict[str, Path]:
    """Every module that is walked, by its dotted name."""
    found: dict[str, Path] = {}
    for file in python_files():
        if unit(file) in _WALKED or file.is_relative_to(_JOBS):
            found[".".join(file.with_suffix("").parts).removesuffix(".__init__")] = file
    return found


@dataclass
class _Walk:
    """What one program reaches."""

    asked: set[str] = field(default_factory=set[str])
    """Attributes that were asked of something called `records`."""
    _names: set[str] = field(default_factory=set[str])
    """Every attribute that was asked of anything."""
    _classes: dict[ast.ClassDef, str] = field(default_factory=dict[ast.ClassDef, str])
    _reached: dict[ast.AST, str] = field(default_factory=dict[ast.AST, str])
    """Pieces of code, and the module of each."""
    _waiting: list[ast.AST] = field(default_factory=list[ast.AST])

    @classmethod
    def of(cls, program: str) -> "_Walk":
        walk = cls()
        for name, file in _files().items():
            if _begins_in(program, file):
                module = _parsed(file)
                for one in (*module.defined.values(), *module.methods()):
                    walk._reach(one, name)
                walk._run(module, name)
        walk._follow()
        return walk

    def _follow(self) -> None:
        while self._waiting:
            while self._waiting:
                self._read(self._waiting.pop())
            for one, module in list(self._classes.items()):
                for method in _methods(one):
                    if method.name in self._names or method.name.startswith("__"):
                        self._reach(method, module)

    def _reach(self, one: ast.AST, module: str) -> None:
        if one in self._reached:
            return
        self._reached[one] = module
        if isinstance(one, ast.ClassDef):
            self._classes[one] = module
            for part in (*one.bases, *one.decorator_list, *one.body):
                if not isinstance(part, _Code):
                    self._reach(part, module)
        else:
            self._waiting.append(one)

    def _run(self, module: _Module, name: str) -> None:
        for statement in module.loose:
            self._reach(statement, name)

    def _read(self, code: ast.AST) -> None:
        module = self._reached[code]
        for node in _expressions(code):
            if isinstance(node, ast.Attribute):
                self._names.add(node.attr)
                if _last_name(node.value).lstrip("_") == "records":
                    self.asked.add(node.attr)
                self._reach_of(module, node)
            elif isinstance(node, ast.Name):
                self._name(module, node.id)

    def _reach_of(self, module: str, node: ast.Attribute) -> None:
        """`alerts.open_alerts`, where `alerts` is a module of ours."""
        if isinstance(node.value, ast.Name) and module in _files():
            base, name = _parsed(_files()[module]).imported.get(node.value.id, ("", None))
            self._name(f"{base}.{name}" if name else base, node.attr)

    def _name(self, module: str, name: str) -> None:
        if module not in _files():
            return
        known = _parsed(_files()[module])
        if name in known.defined:
            self._reach(known.defined[name], module)
            self._run(known, module)
        elif name in known.imported:
            base, there = known.imported[name]
            if there is not None:
                self._name(base, there)


def _expressions(code: ast.AST) -> Iterator[ast.AST]:
    """Every node but annotations, which run nothing."""
    for name, value in ast.iter_fields(code):
        if name in {"annotation", "returns"}:
            continue
        children = cast("list[object]", value) if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, ast.AST):
                yield child
                yield from _expressions(child)


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
