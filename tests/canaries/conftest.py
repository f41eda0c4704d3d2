"""One network for all tests of this folder: both workflows have been played in it."""

from typing import NamedTuple

import pytest

from tools.canaries.story import Scene, play, stage


class Lived(NamedTuple):
    """Everybody, the id of the node's process, which serves, and the record."""

    scene: Scene
    node: int
    record: str


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    with stage(tmp_path_factory.mktemp("c")) as (scene, node):
        yield Lived(scene, node, play(scene))
