import sys
from pathlib import Path

import pytest

from core.data import home


def test_the_variable_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path))
    assert home.data_folder() == tmp_path / "data"
    assert home.saved_models_folder() == tmp_path / "saved_models"


def test_asking_creates_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path / "new"))
    home.data_folder()
    home.saved_models_folder()
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONVSOLE_HOME", "~/lab")
    assert home.home() == tmp_path / "lab"


def test_a_tilde_of_nobody_is_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVSOLE_HOME", "~nobody-of-this-name")
    assert home.home() == tmp_path / "~nobody-of-this-name"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONVSOLE_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("CONVSOLE_HOME", value)
    assert (home.home() / "core" / "data" / "home.py").samefile(home.__file__)


@pytest.mark.parametrize("project", [None, '[project]\nname = "another"\n'])
def test_an_installed_copy_uses_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: str | None
) -> None:
    monkeypatch.delenv("CONVSOLE_HOME", raising=False)
    monkeypatch.setattr(home, "__file__", str(tmp_path / "site" / "core" / "data" / "home.py"))
    if project is not None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "pyproject.toml").write_text(project)
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
        assert home.home() == tmp_path / "share" / "convsole"
    else:
        assert home.home().name == "convsole"
