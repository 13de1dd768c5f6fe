"""For the short form of S2 (schema.rs): how many cases schemathesis tries of what the document
marks off. Of each kind there is one for each parameter, and a few for the body."""

from collections import Counter

import schemathesis

BODIES = 4
seen = Counter()


@schemathesis.hook
def filter_case(context, case):
    meta = case.meta
    if meta is None or meta.phase.name.value != "coverage":
        return True
    said = meta.phase.data
    place = said.parameter_location.name if said.parameter_location else ""
    kind = (case.operation.label, said.scenario.value, place, said.parameter)
    seen[kind] += 1
    return seen[kind] <= (BODIES if place == "BODY" else 1)
