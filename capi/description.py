"""The description in capi/api, read, checked and laid out for the emitters.

Everything the emitters need is here as plain objects; they only write text. A defect of the description ends the
program with one line that names the file and what to change.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

SCALARS = {
    "char": 1, "uint8_t": 1, "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8, "uintptr_t": 8, "double": 8,
}
POINTER = 8
BY_VALUE_MAX = 16
VIEWS = ("ac_text", "ac_bytes")  # may be null only when empty
KINDS = ("value", "options", "hot", "view")
THREADS = ("any", "exclusive", "handler", "init")
STATES = ("unstable", "stable", "deprecated")  # a removed one leaves the description, with a new major version


class Defect(Exception):
    """Something in the description has to be changed."""


@dataclass(frozen=True)
class Type:
    """A type in C notation: `const ac_text*` is base ac_text, const, one star."""

    base: str
    const: bool = False
    stars: int = 0

    @staticmethod
    def parse(text):
        match = re.fullmatch(r"(const )?([a-z][a-z0-9_]*)(\**)", text)
        if not match:
            raise Defect(f"type `{text}` is not `[const ]name[*...]`")
        return Type(match[2], bool(match[1]), len(match[3]))

    def __str__(self):
        return ("const " if self.const else "") + self.base + "*" * self.stars


@dataclass
class Typedef:
    name: str
    type: str
    doc: str
    noun: str


@dataclass
class Handle:
    name: str
    doc: str
    noun: str


@dataclass
class Value:
    name: str
    value: int
    doc: str


@dataclass
class Constants:
    name: str
    prefix: str
    type: str
    doc: str
    noun: str
    flags: bool
    open: bool  # names special values of a number that may have any other
    values: list


@dataclass
class Field:
    name: str
    type: Type
    doc: str
    array: int = 0
    constants: str = ""  # the group that its values come from
    count: str = ""  # the field with the length of the array
    null: bool = False
    dead: bool = False  # a handle that may name nothing
    offset: int = 0


@dataclass
class Struct:
    name: str
    kind: str
    doc: str
    noun: str
    fields: list
    size: int = 0
    align: int = 0


@dataclass
class Param:
    name: str
    type: Type
    doc: str
    dir: str = "in"
    null: bool = False
    count: str = ""
    constants: str = ""
    dead: bool = False  # a handle that names nothing is not this call's error


@dataclass
class Callback:
    name: str
    returns: Type
    doc: str
    noun: str
    params: list


@dataclass
class Function:
    name: str
    returns: Type
    doc: str
    noun: str
    thread: str
    blocks: bool
    calls_back: bool
    errors: list
    params: list
    since: str
    state: str
    date: str


@dataclass
class Table:
    """The function table of ac_get_api; its slots come from the recorded baseline."""

    name: str
    doc: str


@dataclass
class Noun:
    name: str
    title: str
    doc: str
    items: list = field(default_factory=list)  # in the file's own order of kinds, see KIND_ORDER


@dataclass
class Api:
    name: str
    prefix: str
    version: str
    nouns: list
    by_name: dict

    def all(self, kind):
        return [item for noun in self.nouns for item in noun.items if isinstance(item, kind)]

    @property
    def version_number(self):
        major, minor, patch = (int(part) for part in self.version.split("."))
        return major << 16 | minor << 8 | patch

    def scalar(self, base):
        """The C scalar behind a scalar or a typedef, or None."""
        if base in SCALARS:
            return base
        item = self.by_name.get(base)
        return item.type if isinstance(item, Typedef) else None

    def size_align(self, type_):
        if type_.stars:
            return POINTER, POINTER
        scalar = self.scalar(type_.base)
        if scalar:
            return SCALARS[scalar], SCALARS[scalar]
        item = self.by_name.get(type_.base)
        if isinstance(item, Handle) or isinstance(item, Callback):
            return POINTER, POINTER
        if isinstance(item, Struct):
            return item.size, item.align
        raise Defect(f"type `{type_.base}` is not defined")


def words(text):
    """A doc text as paragraphs of running words."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


def _take(entry, where, **wanted):
    """The entry's keys, checked: wanted maps a key to its default, or to ... when it is required."""
    unknown = set(entry) - set(wanted)
    if unknown:
        raise Defect(f"{where}: unknown key {', '.join(sorted(unknown))}")
    for key, default in wanted.items():
        if default is ... and key not in entry:
            raise Defect(f"{where}: `{key}` is missing")
    return {key: entry.get(key, default) for key, default in wanted.items()}


def _params(entry, where):
    params = []
    for row in entry:
        got = _take(row, where, name=..., type=..., doc=..., dir="in", null=False, count="", constants="", dead=False)
        got["type"] = Type.parse(got["type"])
        if got["dir"] not in ("in", "out", "inout"):
            raise Defect(f"{where}: `{got['name']}`: dir is in, out or inout")
        if got["dir"] != "in" and (not got["type"].stars or got["type"].const and got["type"].stars < 2):
            raise Defect(f"{where}: `{got['name']}` goes out but is no pointer that can be written through")
        params.append(Param(**got))
    names = {param.name for param in params}
    for param in params:
        if param.count and param.count not in names:
            raise Defect(f"{where}: count `{param.count}` is no parameter")
    return params


def _typedef(entry, noun, _defaults):
    return Typedef(**_take(entry, noun, name=..., type=..., doc=...), noun=noun)


def _handle(entry, noun, _defaults):
    return Handle(**_take(entry, noun, name=..., doc=...), noun=noun)


def _constants(entry, noun, _defaults):
    got = _take(entry, f"{noun}: {entry.get('name')}", name=..., prefix=..., type=..., doc=..., flags=False,
                open=False, values=...)
    got["values"] = [Value(**_take(row, f"{noun}: {got['name']}", name=..., value=..., doc=...))
                     for row in got["values"]]
    if len({row.value for row in got["values"]}) != len(got["values"]):
        raise Defect(f"{noun}: {got['name']}: two values are equal")
    if got["flags"] and any(row.value.bit_count() != 1 for row in got["values"]):
        raise Defect(f"{noun}: {got['name']}: a flag is one bit")
    return Constants(**got, noun=noun)


def _struct(entry, noun, _defaults):
    where = f"{noun}: {entry.get('name')}"
    got = _take(entry, where, name=..., kind=..., doc=..., fields=..., size=0, align=0)
    if got["kind"] not in KINDS:
        raise Defect(f"{where}: kind is one of {', '.join(KINDS)}")
    rows = [_take(row, where, name=..., type=..., doc=..., array=0, constants="", count="",
                  null=False, dead=False) for row in got.pop("fields")]
    fields = [Field(**row | {"type": Type.parse(row["type"])}) for row in rows]
    for part in fields:
        one = part.type.stars == 1 and part.type.base.endswith("_options")
        if bool(part.type.stars) != bool(part.count) and part.type.base not in ("char", "uint8_t") and not one:
            raise Defect(f"{where}: `{part.name}`: a pointer, and nothing else, names the field with its count; "
                         "only one to an option struct leads to a single one")
    if got["kind"] in ("options", "view") and (fields[0].name, str(fields[0].type)) != ("struct_size", "uint32_t"):
        raise Defect(f"{where}: starts with uint32_t struct_size")
    return Struct(**got, noun=noun, fields=fields)


def _callback(entry, noun, _defaults):
    got = _take(entry, f"{noun}: {entry.get('name')}", name=..., returns="ac_status", doc=..., params=[])
    got["params"] = _params(got["params"], f"{noun}: {got['name']}")
    got["returns"] = Type.parse(got["returns"])
    return Callback(**got, noun=noun)


def _function(entry, noun, defaults):
    where = f"{noun}: {entry.get('name')}"
    got = _take(entry, where, name=..., returns="ac_status", doc=..., thread=..., blocks=False, calls_back=False,
                errors=[], params=[], since=defaults["since"], state=defaults["state"], date=defaults["date"])
    got["params"] = _params(got["params"], where)
    got["returns"] = Type.parse(got["returns"])
    if got["thread"] not in THREADS or got["state"] not in STATES:
        raise Defect(f"{where}: thread is one of {', '.join(THREADS)}, state one of {', '.join(STATES)}")
    if (str(got["returns"]) == "ac_status") != bool(got["errors"]):
        raise Defect(f"{where}: a function with a status lists its errors, and no other does")
    return Function(**got, noun=noun)


KIND_ORDER = (  # how a noun's section reads
    ("typedef", _typedef), ("handle", _handle), ("constants", _constants), ("callback", _callback),
    ("struct", _struct), ("function", _function),
)


def _lay_out(api, struct):
    """Offsets, size and alignment; implicit padding is refused, for it would travel uninitialised."""
    at, align = 0, 1
    for part in struct.fields:
        size, part_align = api.size_align(part.type)
        if at % part_align:
            raise Defect(f"{struct.noun}: {struct.name}.{part.name}: implicit padding before it, add a reserved field")
        part.offset = at
        at += size * (part.array or 1)
        align = max(align, part_align)
    if at % align:
        raise Defect(f"{struct.noun}: {struct.name}: implicit padding at its end, add a reserved field")
    if struct.size not in (0, at) or struct.align not in (0, align):
        raise Defect(f"{struct.noun}: {struct.name}: its size is {at}, aligned {align}, not as written")
    struct.size, struct.align = at, align


def _check_types(api, where, types):
    for type_ in types:
        if str(type_) == "void":
            continue
        if type_.base not in SCALARS and type_.base not in api.by_name:
            raise Defect(f"{where}: type `{type_.base}` is not defined")
        if not type_.stars and api.size_align(type_)[0] > BY_VALUE_MAX:
            raise Defect(f"{where}: `{type_}` is too large to pass by value")


def _check(api):
    """What a reader of a single entry cannot see."""
    statuses = {row.name for row in api.by_name["status"].values}
    spelled = {}
    for group in api.all(Constants):
        for row in group.values:
            name = group.prefix + row.name
            if spelled.setdefault(name, group.name) != group.name:
                raise Defect(f"{group.noun}: {name} is there twice")
    for struct in api.all(Struct):
        _lay_out(api, struct)
        _check_constants(api, f"{struct.noun}: {struct.name}", struct.fields)
    for call in api.all(Callback) + api.all(Function):
        _check_types(api, f"{call.noun}: {call.name}", [call.returns] + [param.type for param in call.params])
    for function in api.all(Function):
        _check_constants(api, f"{function.noun}: {function.name}", function.params)
        unknown = set(function.errors) - statuses
        if unknown:
            raise Defect(f"{function.noun}: {function.name}: unknown error {', '.join(unknown)}")
        _check_errors(api, function)


def _check_constants(api, where, parts):
    for part in parts:
        if not part.constants:
            continue
        group = api.by_name.get(part.constants)
        if not isinstance(group, Constants) or api.scalar(group.type) != api.scalar(part.type.base):
            raise Defect(f"{where}: `{part.name}`: {part.constants} is no group of constants of its type")


def takes_constant(api, param):
    """Does the parameter carry constants, itself or in a struct that it points to?"""
    struct = api.by_name.get(param.type.base)
    inside = isinstance(struct, Struct) and param.dir == "in" and any(part.constants for part in struct.fields)
    return bool(param.constants) or inside


def _check_errors(api, function):
    """A function with a handle can meet a dead one, a function with a pointer a null one."""
    if not function.errors:
        return
    where = f"{function.noun}: {function.name}"
    pointers = [p for p in function.params if str(p.type) in VIEWS or not p.null and (
        p.type.stars or isinstance(api.by_name.get(p.type.base), Callback))]
    if pointers and "E_NULL" not in function.errors:
        raise Defect(f"{where}: `{pointers[0].name}` may not be null, but E_NULL is not listed")
    handles = [p for p in function.params
               if not p.type.stars and isinstance(api.by_name.get(p.type.base), Handle)]
    if handles and "E_STALE" not in function.errors:
        raise Defect(f"{where}: `{handles[0].name}` may be stale, but E_STALE is not listed")
    if any(not p.null for p in handles) and "E_NO_HANDLE" not in function.errors:
        raise Defect(f"{where}: `{handles[0].name}` may be none, but E_NO_HANDLE is not listed")
    if any(takes_constant(api, p) for p in function.params) and "E_UNKNOWN_CONSTANT" not in function.errors:
        raise Defect(f"{where}: takes a constant, but E_UNKNOWN_CONSTANT is not listed")
    if any(isinstance(s := api.by_name.get(p.type.base), Struct) and s.kind == "options" and p.dir == "in"
           for p in function.params) and "E_UNSUPPORTED" not in function.errors:
        raise Defect(f"{where}: takes an option struct, but E_UNSUPPORTED is not listed")


def load(folder):
    """The whole description."""
    folder = Path(folder)
    with open(folder / "api.toml", "rb") as file:
        top = tomllib.load(file)
    head, defaults = top["api"], top["defaults"]
    api = Api(head["name"], head["prefix"], head["version"], [], {})
    for name in head["nouns"]:
        with open(folder / f"{name}.toml", "rb") as file:
            text = tomllib.load(file)
        noun = Noun(name, text.pop("title"), text.pop("doc"))
        if text.pop("noun") != name:
            raise Defect(f"{name}.toml: names another noun")
        for kind, read in KIND_ORDER:
            noun.items += [read(entry, name, defaults) for entry in text.pop(kind, [])]
        if text:
            raise Defect(f"{name}.toml: unknown table {', '.join(text)}")
        for item in noun.items:
            if api.by_name.setdefault(item.name, item) is not item:
                raise Defect(f"{name}.toml: `{item.name}` is there twice")
        api.nouns.append(noun)
    left = {path.stem for path in folder.glob("*.toml")} - set(head["nouns"]) - {"api"}
    if left:
        raise Defect(f"api.toml: does not name {', '.join(sorted(left))}")
    api.by_name["ac_api"] = Table("ac_api", "Every function of the library, for callers that use dlopen (ac_get_api). "
                                            "Append only: a slot keeps its place for ever.")
    _check(api)
    return api
