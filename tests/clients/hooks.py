"""Makes most of the keys new that schemathesis gives its POSTs: with the few it thinks of, nearly all would be repetitions."""

import itertools
import re

import schemathesis

KEY = "Idempotency-Key"
numbers = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get(KEY)
    # One that is no key is there to be refused, and each eighth stays as it is: repetitions are tested too.
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,240}", key) and (number := next(numbers)) % 8:
        case.headers[KEY] = f"{key}-{number}"
