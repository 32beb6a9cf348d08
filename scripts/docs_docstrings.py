"""Docstrings as pages show them: `name: text` lines as a list, indented examples as code (an extension of griffe)."""

import re
from typing import Any

from griffe import Extension, Object

_ITEM = re.compile(r"^([a-z_]+(?:(?:, | and |, or )[a-z_]+)*): (.*)$")
_CODE = re.compile(r"^(?:with|for|from|import) .*:?$")


def as_markdown(text: str) -> str:
    """The same text, with lists and code where a reader of the source sees them."""
    lines: list[str] = []
    in_list = False
    for paragraph in text.split("\n\n"):
        block: list[str] = []
        rows = paragraph.splitlines()
        if rows and (rows[0].startswith(("    ", ">>> ")) or _CODE.match(rows[0])):
            language = "pycon" if rows[0].lstrip().startswith(">>>") else "text" if rows[0][:4] == "    " else "python"
            block = [
                f"```{language}",
                *(row.removeprefix("    ") if rows[0][:4] == "    " else row for row in rows),
                "```",
            ]
            in_list = False
        else:
            for row in rows:
                if item := _ITEM.match(row):
                    if not in_list and block:
                        block.append("")
                    in_list = True
                    block.append(f"- **{item[1]}**: {item[2]}")
                elif in_list and row.startswith("Raises "):
                    in_list = False
                    block += ["", row]
                else:
                    block.append(f"  {row.strip()}" if in_list else row)
            in_list = False
        lines += [*block, ""]
    return "\n".join(lines).strip()


class Readable(Extension):
    """Rewrites every docstring."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Called for each module, class, function and attribute."""
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)
