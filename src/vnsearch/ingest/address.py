"""Addresses of articles as records state them; one that is none answers "" and costs nobody else anything.

>>> plain("https://web.archive.org/web/20230301000000/https://baolangson.vn/tin-1.html")
'https://baolangson.vn/tin-1.html'
>>> host("https://www.baolangson.vn/tin-1.html"), host("Báo Lạng Sơn"), host("/tin-tuc/tin-1.html")
('baolangson.vn', '', '')
"""

import re
from urllib.parse import SplitResult, urlsplit

_ARCHIVED = re.compile(r"^https?://(?:web\.archive\.org/web|archive\.ph|archive\.is)/\d{4,14}[a-z_]*/(?=https?://)")
_WITHOUT_SCHEME = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE)


def split(address: str) -> SplitResult:
    """The parts of an address, as `urlsplit` gives them; all empty for what is no address (http://[x)."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


def plain(address: str, source: str = "") -> str:
    """The address of the article itself, not of an archive's copy; a path alone gets the site's domain, if known."""
    address = _ARCHIVED.sub("", address.strip())
    if address.startswith("//"):
        return f"https:{address}"
    if address.startswith("/") and (domain := host(source)):
        return f"https://{domain}{address}"
    return f"https://{address}" if _WITHOUT_SCHEME.match(address) else address


def host(source: str) -> str:
    """The domain in a source or an address, without "www."; "" where there is none."""
    if "://" in source:
        try:
            return (urlsplit(source).hostname or "").removeprefix("www.")
        except ValueError:
            return ""
    return source.lower().removeprefix("www.") if _DOMAIN.fullmatch(source) else ""


def names_one_article(address: str) -> bool:
    """Whether an address can be an article's identity: not that of a whole site, nor a path of no known site."""
    parts = split(address)
    return bool(parts.netloc and (parts.path.strip("/") or parts.query))
