"""json.loads of each line (hex): the value in one spelling for all languages, or x."""

import json
import struct
import sys


def show(v):
    if v is None:
        return "n"
    if v is True or v is False:
        return "t" if v else "f"
    if isinstance(v, (int, float)):
        try:
            d = float(v)
        except OverflowError:
            d = float("inf") if v > 0 else float("-inf")
        return "#" + struct.pack(">d", 0.0 if d == 0 else d).hex()
    if isinstance(v, str):
        return '"' + v.encode("utf-8", "surrogatepass").hex()
    if isinstance(v, list):
        return "[" + ",".join(map(show, v)) + "]"
    return "{" + ",".join(sorted(show(k) + ":" + show(w) for k, w in v.items())) + "}"


for line in sys.stdin:
    try:
        print(show(json.loads(bytes.fromhex(line.strip()))))
    except (ValueError, RecursionError):
        print("x")
