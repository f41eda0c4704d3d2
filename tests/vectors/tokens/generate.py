"""Write blinding.json: what `blind` makes of fixed inputs, with the key of rfc9474.json.

Run from the repository: PYTHONPATH=src python tests/vectors/tokens/generate.py
"""

import json
from pathlib import Path

from careledger.primitives.blind_signatures import TokenKey, token_message
from careledger.sealing.tokens import blind

HERE = Path(__file__).parent
CASES = [
    (b"careledger-test", bytes(range(32)), bytes(32)),
    (b"careledger-test", bytes(range(32)), bytes([1]) * 32),
    (b"another-ledger", bytes([255]) * 32, bytes(32)),
]


def main() -> None:
    numbers = json.loads((HERE / "rfc9474.json").read_text())["key"]
    key = TokenKey(bytes.fromhex(numbers["n"]), int(numbers["e"], 16))
    cases = []
    for chain, handle, secret in CASES:
        message = token_message(chain, handle)
        request, inverse = blind(key, message, secret)
        cases.append(
            {
                "chain": chain.hex(),
                "handle": handle.hex(),
                "secret": secret.hex(),
                "message": message.hex(),
                "request": request.hex(),
                "inverse": format(inverse, "x"),
            }
        )
    source = "made by generate.py with the RSA key of rfc9474.json"
    text = json.dumps({"source": source, "cases": cases}, indent=1)
    (HERE / "blinding.json").write_text(text + "\n")


main()
