"""The recorded ABI: what a release has promised, and what the description may therefore no longer change.

capi/abi/baseline.txt holds one line a fact, in the order in which they were added; a function's place in it is its
slot in ac_api. Additions are appended by generate.py. A fact that is gone or different is refused: restore it, or,
as long as no release has it, delete its line.
"""

from description import Constants, Defect, Function, Struct

FILE = "capi/abi/baseline.txt"
HEAD = """\
# The ABI as recorded, one fact a line; capi/generate.py appends additions and refuses every other change.
# function PROTOTYPE | constant NAME TYPE VALUE | struct NAME KIND SIZE ALIGN | field STRUCT.FIELD OFFSET TYPE
"""


def prototype(function):
    params = ", ".join(str(param.type) for param in function.params)
    return f"{function.returns} {function.name}({params or 'void'})"


def facts(api):
    """key -> the rest of its line, for everything that the description promises."""
    held = {}
    for function in api.all(Function):
        held[f"function {function.name}"] = prototype(function)
    for group in api.all(Constants):
        for row in group.values:
            held[f"constant {group.prefix}{row.name}"] = f"{api.scalar(group.type)} {row.value}"
    for struct in api.all(Struct):
        held[f"struct {struct.name}"] = f"{struct.kind} {struct.size} {struct.align}"
        for part in struct.fields:
            if not part.name.startswith("reserved"):  # reserved bytes are there to be used
                array = f"[{part.array}]" if part.array else ""
                held[f"field {struct.name}.{part.name}"] = f"{part.offset} {part.type}{array}"
    return held


def line(key, fact):
    return f"function {fact}" if key.startswith("function ") else f"{key} {fact}"


def parse(text):
    """key -> the rest of its line, in the file's order."""
    held = {}
    for row in text.splitlines():
        if not row or row.startswith("#"):
            continue
        kind, rest = row.split(" ", 1)
        if kind == "function":
            held[f"function {rest.split('(')[0].split(' ')[-1]}"] = rest
        else:
            name, fact = rest.split(" ", 1)
            held[f"{kind} {name}"] = fact
    return held


def grown(key, old, new):
    """A struct that starts with its size may grow at its end; the library copies it as bytes, however it is aligned."""
    if not key.startswith("struct "):
        return False
    (old_kind, old_size, old_align), (kind, size, align) = old.split(), new.split()
    return old_kind == kind and kind in ("options", "view") and int(size) > int(old_size) and int(align) >= int(old_align)


def update(api, text):
    """The baseline with the description's additions; a Defect when anything recorded has changed."""
    now, then = facts(api), parse(text)
    broken = []
    for key, fact in then.items():
        if key not in now:
            broken.append(f"{line(key, fact)}: gone")
        elif now[key] != fact and not grown(key, fact, now[key]):
            broken.append(f"{line(key, fact)}: is now `{now[key]}`")
    if broken:
        raise Defect(f"{FILE} records what the description no longer says. Restore it, or, as long as no release has "
                     "it, delete the line:\n  " + "\n  ".join(broken))
    merged = {key: now[key] for key in then} | {key: fact for key, fact in now.items() if key not in then}
    return HEAD + "".join(line(key, fact) + "\n" for key, fact in merged.items())


def slots(text):
    """The functions in the order of ac_api."""
    return [key.removeprefix("function ") for key in parse(text) if key.startswith("function ")]
