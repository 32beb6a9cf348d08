"""Records that the tests of this folder write into files, and what is read of these."""

import json
from pathlib import Path
from typing import Any

from vnsearch import Article, Report, read

TITLE, BODY = "Họp báo về lũ", "Sáng 7/2, UBND tỉnh Lạng Sơn tổ chức họp báo."
A = {"title": TITLE, "body": BODY}
B = {"title": "Giá vàng tăng", "body": "Chiều qua, giá vàng tăng mạnh tại Hà Nội."}


def read_all(path: Path, data: str | bytes, report: Report | None = None, **options: Any) -> list[Article]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(path, report=report, **options))


def dumped(*records: object) -> list[str]:
    return [json.dumps(record, ensure_ascii=False) for record in records]
