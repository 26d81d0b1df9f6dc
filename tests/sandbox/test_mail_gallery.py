from pathlib import Path

from typer.testing import CliRunner

from sandbox.__main__ import app
from sandbox.mail_gallery.samples import letters


def test_the_gallery_shows_every_letter_as_page_and_as_text(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["mails", "--to", str(tmp_path), "--locale", "en_GB"])

    assert ran.exit_code == 0, ran.output
    index = (tmp_path / "index.html").read_text()
    for name in letters():
        assert f'src="{name}.html"' in index
        assert "</html>" in (tmp_path / f"{name}.html").read_text()
        assert (tmp_path / f"{name}.txt").read_text().startswith("Subject: ")
    assert "Tuesday, 1 December 2026" in (tmp_path / "scheduled.txt").read_text()


def test_a_locale_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["mails", "--to", str(tmp_path), "--locale", "English"])

    assert ran.exit_code == 1
    assert "Traceback" not in ran.output
