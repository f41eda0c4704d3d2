"""Errors: each has a permanent code of this room and says what to do."""

from careledger.sealing import problems


def test_every_problem_is_complete():
    leaves = [p for p in vars(problems).values() if getattr(p, "code", "")]
    assert len({leaf.code for leaf in leaves}) == len(leaves) == 12
    for leaf in leaves:
        assert leaf.code.startswith("sealing.")
        assert leaf.happened.endswith(".")
        assert leaf.to_do.endswith(".")
        assert f"    ├── {leaf.__name__} " in problems.__doc__.replace("└", "├")
