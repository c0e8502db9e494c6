"""Files of prompts, one a line, as ordinary editors write them.

The rules are those of `PromptFile.java`, and both are tested with the same files.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

_LINE_END = re.compile("\r\n|\n|\r")
_AROUND = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Unicode's white space, and the byte order mark that a file joined from several has in its middle."""


class PromptFileError(Exception):
    """A file that is no file of prompts; the message names file and line."""


def read_prompts(path: Path, count: int | None = None) -> list[str]:
    """The prompts, or the first `count` of them; all of the file is checked.

    UTF-8 with or without byte order mark, or UTF-16 with one. White space around a prompt is
    dropped, and so are lines that hold nothing else.
    """
    found: dict[str, int] = {}
    for line, text in enumerate(_LINE_END.split(_decoded(path)), 1):
        prompt = text.strip(_AROUND)
        if not prompt:
            continue
        if "\0" in prompt:
            raise _refused(path, line, f"the prompt contains a NUL at index {prompt.index(chr(0))}")
        if prompt in found:
            raise _refused(path, line, f"the same prompt as in line {found[prompt]}; delete one")
        found[prompt] = line
    if not found:
        raise PromptFileError(f"the file of prompts {path} holds no prompt; write one a line")
    return list(found)[:count]


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _refused(path, 1, "a byte order mark of UTF-32; save the file as UTF-8")
    encoding, mark = "utf-8", b""
    for candidate, beginning in (
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-8", codecs.BOM_UTF8),
    ):
        if content.startswith(beginning):
            encoding, mark = candidate, beginning
    content = content[len(mark) :]
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding)
        line = len(_LINE_END.split(before))
        raise _refused(
            path,
            line,
            f"the byte 0x{content[error.start]:02X} is not {encoding.upper()}; save the file as UTF-8",
        ) from error


def _refused(path: Path, line: int, what: str) -> PromptFileError:
    return PromptFileError(f"file of prompts {path}, line {line}: {what}")
