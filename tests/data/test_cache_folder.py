"""The folder of the cache: what is kept in it, and what is removed."""

import os
from pathlib import Path
from time import time

from core.data import cache_folder


def put(name: str, content: bytes = b"x") -> Path:
    with cache_folder.draft(1) as draft:
        with cache_folder.created(draft / "file") as file:
            file.write(content)
        cache_folder.put(draft, name)
    return cache_folder.folder() / name


def names() -> set[str]:
    return {path.name for path in cache_folder.folder().iterdir()}


def aged(path: Path, seconds: float) -> None:
    then = time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


def test_an_entry_replaces_an_earlier_one() -> None:
    put("a", b"old")
    entry = put("a", b"new")
    assert (entry / "file").read_bytes() == b"new"
    assert names() == {"a"}


def test_a_draft_that_is_not_put_leaves_nothing() -> None:
    with cache_folder.draft(1) as draft:
        (draft / "file").write_bytes(b"half")
    assert names() == set()


def test_only_the_last_used_ones_are_kept() -> None:
    for age, name in ((30, "a"), (20, "b")):
        aged(put(name), age)
    cache_folder.used(cache_folder.folder() / "a")
    put("c")
    assert names() == {"a", "c"}


def test_what_killed_processes_left_is_removed_but_not_what_is_being_written() -> None:
    put("a")
    folder = cache_folder.folder()
    for name in (".draft-old", ".draft-new", ".old-old"):
        (folder / name).mkdir()
        (folder / name / "file").write_bytes(b"half")
    for name in (".draft-old", ".old-old"):
        aged(folder / name, 2 * cache_folder.ABANDONED)
    (folder / ".mine").mkdir()
    aged(folder / ".mine", 2 * cache_folder.ABANDONED)
    cache_folder.used(folder / "a")
    assert names() == {"a", ".draft-new", ".mine"}


def test_removing_does_not_follow_links(tmp_path: Path) -> None:
    put("a")
    folder, mine = cache_folder.folder(), tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_bytes(b"precious")
    (folder / ".old-link").symlink_to(mine)
    aged(folder / ".old-link", 2 * cache_folder.ABANDONED)
    (folder / "b").symlink_to(mine)
    put("b")
    assert names() == {"a", "b"}
    assert not (folder / "b").is_symlink()
    assert (mine / "file").read_bytes() == b"precious"
