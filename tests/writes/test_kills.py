"""kill -9 of each process of a running service: writes and queries go on, and nothing is lost."""

from pathlib import Path

import pytest

from peelgraph.repository import Home
from tests.waiting import wait_until
from tests.writes.killed_service import KINDS, Supervised, left_over, write_while_killing
from tests.writes.killing import SEED, check

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.slow("each process of a service killed twice under writes"),
]


def test_every_process_may_be_killed_and_no_acknowledged_write_is_lost(
    home: Home, tmp_path: Path
) -> None:
    service = Supervised(home.path, tmp_path, "--workers", "1")
    try:
        kinds = [*KINDS] * 2
        outcome = write_while_killing(service, kinds, lambda chance: chance.uniform(0.2, 0.8), SEED)
        code = service.stop()
        wait_until(lambda: not service.processes(), 10)
    finally:
        service.kill_all()
    print(outcome)

    check(home, outcome.acknowledged)
    assert dict.fromkeys(KINDS, 2) == outcome.kills
    assert 0 == code
    assert 1 + outcome.kills["main"] == service.starts, service.log
    assert [] == left_over(home)
