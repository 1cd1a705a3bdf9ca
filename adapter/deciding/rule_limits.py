"""What the engine and the layers cannot take, found before anything is judged."""

from adapter.deciding.judge import TooWide, alternatives_of, layers_of
from adapter.reading.rulebook import Rulebook
from adapter.values.finding import Finding, Place


def check_limits(rulebook: Rulebook) -> tuple[Finding, ...]:
    """RUL112: conclusions that need each other. RUL120: a rule with too many alternatives."""
    found: list[Finding] = []
    bits = {atom: bit for bit, atom in
            enumerate(dict.fromkeys(a for rule in rulebook.rules for a in rule.atoms))}  # fmt: skip
    for rule in rulebook.rules:
        try:
            alternatives_of(rule, bits)
        except TooWide as error:
            found.append(_finding("RUL120", str(error), rule.place, "Split the rule in two."))
        declared = rulebook.declared
        for atom in rule.atoms:
            if atom.other is not None and (atom.fact in declared or atom.other in declared):
                found.append(
                    _finding("RUL117", f"`{atom.fact}` and `{atom.other}` are compared; one of them"
                             " is concluded", rule.place, "Compare it with a word in quotes.")
                )  # fmt: skip
    concluding = [rule for rule in rulebook.rules if rule.asks == "conclude"]
    try:
        layers_of(concluding, rulebook.declared)
    except ValueError as error:
        names = str(error).removeprefix("cycle: ").split(", ")
        place = next((r.place for r in concluding if any(n in names for n, _ in
                      r.outcome.concludes)), Place("rules"))  # fmt: skip
        found.append(_finding("RUL112", f"conclusions need each other: {', '.join(names)}", place,
                              "Take one of these facts out of the other's `when`."))  # fmt: skip
    return tuple(found)


def _finding(code: str, message: str, place: Place, help: str) -> Finding:
    return Finding(code=code, level="error", message=message, place=place, help=help)
