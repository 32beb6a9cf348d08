"""Dumps made to do harm: they cost a record or an error, never the process."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.ingest.dumps.written import TITLE, A, dumped, read_all

from vnsearch import Report, read


def test_one_bad_file_does_not_end_the_import(tmp_path: Path) -> None:
    """Damaged archives, records nobody thought of, a control character in markup."""
    (tmp_path / "a.jsonl.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\xff" * 50)
    (tmp_path / "b.jsonl.zst").write_bytes(b"no zstd")
    (tmp_path / "c.jsonl.xz").write_bytes(b"no xz")
    odd = [
        {"title": "x", "body": "<p>a</p>\u0001b"},
        {"title": "a\n\0\nb", "body": "c\n\0\nd"},
        {"title": "x", "url": "//["},
    ]
    (tmp_path / "d.jsonl").write_text("\n".join([*dumped(*odd), "[" * 100_000, *dumped(A)]))
    report = Report()
    articles = list(read(tmp_path, report=report))
    assert articles[-1].title == TITLE
    assert {Path(error.path).name for error in report.refused} >= {"a.jsonl.gz", "b.jsonl.zst", "c.jsonl.xz"}


def test_errors_are_kept_up_to_a_limit(tmp_path: Path) -> None:
    """All are counted."""
    report = Report()
    read_all(tmp_path / "a.jsonl", "x\n" * 12_000, report)
    assert (report.refused.total, len(report.refused)) == (12_000, 10_000)


def test_one_article_does_not_spoil_those_after_it() -> None:
    """A first one with more distinct words than there are codes leaves provinces and topics of the next as they are."""
    import subprocess
    import sys

    code = """
from vnsearch.ingest.record import make_articles
text = " ".join(f"w{n}x" for n in range(300_000))
make_articles([{"title": text, "body": text}])
for made in make_articles([{"title": "Bí thư Tỉnh ủy Lạng Sơn dự hội nghị dân vận", "body": "Sáng nay họp."}]):
    print(made.article.provinces, made.article.topics)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("('Lạng Sơn',) ('dan-van'")


def test_the_same_files_give_the_same_ids_in_every_process(tmp_path: Path) -> None:
    """Whether a text is a version of another is told by its words, not by the hashes of one process."""
    words = [f"chữ{n}" for n in range(40)]
    with (tmp_path / "a.jsonl").open("w") as file:
        for n in range(60):
            body = " ".join(words[: 40 - n % 12] + [f"khác{n}x{m}" for m in range(n % 12)])
            record = {"title": "Tin", "url": f"https://a.vn/{n // 12}", "content": body}
            file.write(json.dumps(record) + "\n")
    program = f"import vnsearch; print([a.id for a in vnsearch.read({str(tmp_path / 'a.jsonl')!r})])"
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in range(4)
    }  # fmt: skip
    assert len(found) == 1
    assert found.pop().count("#") > 5
