#!/usr/bin/env python3
"""Random cases that reference.py's own generator hardly makes, with what reference.py expects of them.

Ties in priority, system and value; both zeroes; numbers near the ends of binary64; operators with nothing but
overrides; deep formulas over absent terms; own layers, few or many, in which PRIORITIZED_OVERRIDE and UNION disagree;
contexts of several outputs; names whose bytes and letters order differently; three outputs of one system.

    hard_cases.py generate SEED COUNT     prints COUNT cases as JSON lines
"""
import json
import random
import sys

import reference

VALUES = [0.0, -0.0, 0, 1, -1, 1.0, 0.1, 0.2, 0.3, 1e16, -1e16, 1e-300, 5e-324, 1e308, -1e308, 1.7976931348623157e308,
          9007199254740993, 2.5, -2.5, 3, 1e-5]
SYSTEMS = ["a", "b", "B", "é", "z", "aa", "\U0001f600", "\uffff", "attack_power", "attack_pox", ""]
LAYERS = ["REALM", "WORLD", "EVENT", "TOTAL", "GUILD", "zone", "Ünder"]
CONTEXTS = ["damage", "healing", "Damage", "é", "damage_2", "quote\"\\\n\u0001"]


def rule(rng, names, position):
    low, high = sorted(rng.choice(VALUES) for _ in range(2))
    made = {"use_pipeline": rng.random() < 0.5, "clamp_default": {"min": low, "max": high}}
    if not made["use_pipeline"]:
        made["operator"] = rng.choice(["SUM", "MAX", "MIN"])
    if position and rng.random() < 0.4:
        terms = rng.sample(names[:position], rng.randint(0, min(4, position)))
        made["formula"] = {"terms": {term: rng.choice(VALUES) for term in terms}}
        if rng.random() < 0.7:
            made["formula"]["constant"] = rng.choice(VALUES)
    return made


def registry(rng):
    names = [f"d{n}" for n in range(rng.randint(1, 8))] + rng.sample(["strength", "stamina", "a_b", "a1", "ab"], 2)
    rng.shuffle(names)
    rules = {name: rule(rng, names, position) for position, name in enumerate(names)}
    shuffled = list(rules.items())
    rng.shuffle(shuffled)
    return dict(shuffled)


def contribution(rng, names):
    made = {"dimension": rng.choice(names), "bucket": rng.choices(reference.BUCKETS, weights=(5, 3, 3, 2))[0],
            "value": rng.choice(VALUES), "system": rng.choice(SYSTEMS)}
    if rng.random() < 0.4:
        made["priority"] = rng.choice([-1, 0, 1, 2**53, -2**63, 2**63 - 1])
    return made


def cap(rng, names, order):
    kind = rng.choice(["max", "min"])
    made = {"system": rng.choice(SYSTEMS), "dimension": rng.choice(names), "kind": kind, "value": rng.choice(VALUES),
            "mode": rng.choice(["BASELINE", "ADDITIVE", "OVERRIDE", "HARD_MAX" if kind == "max" else "HARD_MIN"])}
    if order and rng.random() < 0.8:
        made["scope"] = rng.choice(order)
        if made["scope"] == "REALM":
            made["realm"] = rng.choice(["", "north"])
    if rng.random() < 0.4:
        made["priority"] = rng.choice([-1, 0, 1])
    return made


def modifiers(rng):
    pack = {}
    if rng.random() < 0.7:
        pack["additive_percent"] = rng.choice(VALUES)
    if rng.random() < 0.7:
        pack["multipliers"] = [rng.choice(VALUES) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.7:
        pack["post_add"] = rng.choice(VALUES)
    return pack


def hard_case(rng, index):
    rules = registry(rng)
    names = list(rules)
    order = rng.sample(LAYERS, rng.randint(0, len(LAYERS)))
    outputs = []
    for system in rng.sample(SYSTEMS, rng.randint(0, 6)):
        output = {"meta": {"system": system}, "priority": rng.choice([0, 0, 1, -1, 2**63 - 1, -2**63])}
        if rng.random() < 0.9:
            output["primary"] = [contribution(rng, names) for _ in range(rng.randint(0, 8))]
        if rng.random() < 0.9:
            output["derived"] = [contribution(rng, names) for _ in range(rng.randint(0, 6))]
        if rng.random() < 0.9:
            # TOTAL is the default, and not always in the order.
            output["caps"] = [cap(rng, names, order if rng.random() < 0.95 else LAYERS) for _ in range(rng.randint(0, 5))]
            if "TOTAL" not in order and rng.random() < 0.9:
                output["caps"] = [made for made in output["caps"] if made.get("scope", "TOTAL") in order]
        if rng.random() < 0.5:
            output["context"] = {name: modifiers(rng) for name in rng.sample(CONTEXTS, rng.randint(0, 3))}
        outputs.append(output)
    if outputs and rng.random() < 0.1:
        twin = rng.choice(outputs)["meta"]["system"]
        outputs += [{"meta": {"system": twin}, "priority": rng.randint(-1, 1)} for _ in range(rng.randint(1, 2))]
    rng.shuffle(outputs)
    policy = rng.choice(["INTERSECT", "UNION", "PRIORITIZED_OVERRIDE"])
    return {"name": f"hard-{index}", "registry": {"dimensions": rules}, "layers": {"order": order, "across_policy": policy},
            "profile": {"id": rng.choice(["x", "é\t\"", ""]), "version": rng.choice([0, 1, 2**53 + 1])}, "outputs": outputs}


def main(arguments):
    if len(arguments) != 3 or arguments[0] != "generate":
        print(__doc__, file=sys.stderr)
        return 2
    rng = random.Random(int(arguments[1]))
    for index in range(int(arguments[2])):
        case = hard_case(rng, index)
        case["expect"] = reference.resolve(case)
        print(json.dumps(case, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
