"""The state tree once more, written for the eye: dictionaries, no cleverness."""

import hashlib

ZERO = bytes(32)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class NaiveTree:
    """A dictionary of key → (salt, value), hashed from scratch each time."""

    def __init__(self) -> None:
        self.entries: dict[bytes, tuple[bytes, bytes]] = {}

    def apply(self, diff: dict[bytes, bytes | None], seed: bytes) -> None:
        for key, value in diff.items():
            old = self.entries.pop(key, (bytes(16), b""))[0]
            if value is not None:
                mix = b"careledger/state-salt/v1" + old + seed + sha(key)
                self.entries[key] = (sha(mix)[:16], value)

    def root(self) -> bytes:
        level: dict[int, bytes] = {}
        for key in sorted(self.entries, key=sha):
            salt, value = self.entries[key]
            hashed = sha(key)
            number = int(hashed.hex()[:5], 16)
            pair = hashed + sha(b"\x00" + salt + hashed + value)
            level[number] = level.get(number, b"\x01") + pair
        nodes = {number: sha(pairs) for number, pairs in level.items()}
        for _ in range(5):
            parents = {number // 16 for number in nodes}
            nodes = {
                parent: sha(
                    b"\x02"
                    + b"".join(nodes.get(parent * 16 + at, ZERO) for at in range(16))
                )
                for parent in parents
            }
        return nodes.get(0, ZERO)
