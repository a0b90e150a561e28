"""Tests of `convsole runs delete`: confirmation, and removal of the run's folder."""

import json
from pathlib import Path

from tests.tui.cli.commands import refused, run, train


def test_a_run_is_deleted_with_its_folder() -> None:
    name = train()
    folder = Path(json.loads(run("runs", "show", name, "--json").stdout)["folder"])
    assert "--yes removes it" in refused(run("runs", "delete", name))
    assert folder.exists()
    gone = run("runs", "delete", name, "--yes")
    assert gone.exit_code == 0
    assert not folder.exists()
    assert "there are no runs" in refused(run("runs", "show", name))
