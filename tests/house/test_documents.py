"""What the documents promise is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "deploy" / "examples").glob("*.yaml"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_is_run_by_the_demo(example: Path) -> None:
    assert example.stem in (ROOT / "lbctl" / "sandbox" / "demo" / "chapters.py").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda file: file.name)
def test_every_link_and_every_path_in_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    links = [page.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)]
    paths = [ROOT / path for path in re.findall(r"`((?:deploy|docs|lbctl|providers|tests|benchmarks)/[\w./-]+)`", text)]
    missing = [str(one) for one in (*links, *paths) if not one.exists()]
    assert not missing


def test_the_readme_names_every_command() -> None:
    from typer.main import get_command

    from lbctl.cli import app

    readme = (ROOT / "README.md").read_text()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        for full in [f"lbctl {name} {sub}" for sub in getattr(command, "commands", {})] or [f"lbctl {name}"]:
            assert full in readme, full
