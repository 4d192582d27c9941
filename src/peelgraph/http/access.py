"""Who may write: tokens, or anybody on this machine where the operator said so."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, request

from peelgraph.errors import AccessRefused, SettingError, TokenMissing
from peelgraph.settings import Settings

_SHORTEST = 16  # characters: 64 bits even where each stands for four
_HASHED = re.compile(r"sha256:([0-9a-f]{64})", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][\w.@-]*")
_ANYBODY = "open"


class Access:
    """The tokens of one file, read again when it changes, so that one can be taken back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: tuple[tuple[int, int], Mapping[str, bytes]] | None = None

    def check(self) -> str:
        """The name of who writes, for the change log.

        A token comes alone (Bearer), or as the password of any user (Basic), as many clients send
        what they know.

        Errors: AccessRefused (403) where nobody may write, or not in this way; TokenMissing (401).
        """
        if self._settings.open_writes:
            _check_local(self._settings)
            return _ANYBODY
        if self._settings.token_file is None:
            raise AccessRefused(
                "Writing is off: this service has no tokens",
                hint="Its operator turns it on with: peelgraph serve --token-file FILE",
            )
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        is_basic = scheme.lower() == "basic"
        if is_basic:
            token = (request.authorization and request.authorization.password) or ""
        if not (is_basic or scheme.lower() == "bearer") or not token.strip():
            raise TokenMissing(
                "Writing needs a token",
                hint="Send the header: Authorization: Bearer TOKEN; "
                "or the token as the password of any user (curl --user me:TOKEN).",
            )
        if is_basic:
            _check_basic(self._settings)
        name = self._find(self._settings.token_file, token.strip())
        if name is None:
            raise TokenMissing("The token is not one of this service's")
        return name

    def _find(self, path: Path, token: str) -> str | None:
        """Whose token it is; every one is compared, so that the time taken tells nothing."""
        given = _hash(token)
        found = None
        for name, digest in self._tokens(path).items():
            if hmac.compare_digest(digest, given):
                found = name
        return found

    def _tokens(self, path: Path) -> Mapping[str, bytes]:
        try:
            status = path.stat()
            mark = (status.st_ino, status.st_mtime_ns)
            if self._read is None or self._read[0] != mark:
                self._read = (mark, read_tokens(path))
        except OSError as error:
            raise SettingError(f"{path}: the tokens cannot be read: {error.strerror}") from error
        return self._read[1]


def read_tokens(path: Path) -> dict[str, bytes]:
    """Each name with the SHA-256 of its token; a line is NAME:TOKEN or NAME:sha256:HEX.

    Errors: SettingError names the line and never shows what is in it.
    """
    tokens: dict[str, bytes] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, token = (part.strip() for part in line.partition(":"))
        hashed = _HASHED.fullmatch(token)
        if not colon or not _NAME.fullmatch(name) or name in tokens:
            raise SettingError(
                f"{path}:{number}: not NAME:TOKEN, or a name given twice",
                hint="one line a writer; names are letters, digits and . @ _ -",
            )
        if not hashed and (len(token) < _SHORTEST or not token.isascii()):
            raise SettingError(
                f"{path}:{number}: the token of {name} is too short to be secret",
                hint="make one with: openssl rand -hex 32",
            )
        tokens[name] = bytes.fromhex(hashed[1]) if hashed else _hash(token)
    if not tokens:
        raise SettingError(f"{path}: no token in it", hint="write lines of NAME:TOKEN")
    return tokens


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def challenge(response: Response) -> Response:
    """`response` with what a 401 must tell: how to say who one is (RFC 6750, RFC 7617)."""
    if response.status_code == TokenMissing.status:
        given = ', error="invalid_token"' if "Authorization" in request.headers else ""
        ways = [f'Bearer realm="peelgraph"{given}', 'Basic realm="peelgraph", charset="UTF-8"']
        response.headers.setlist("WWW-Authenticate", ways)
    return response


def _check_basic(settings: Settings) -> None:
    """A password is sent on every request, by a browser unasked: not in the clear, and not for a
    page of another site."""
    own = urlsplit(settings.url)
    if own.scheme != "https" and not is_loopback(_called()):
        raise AccessRefused(
            "A token is taken as a password over TLS, or on loopback, only",
            hint="Send it alone: Authorization: Bearer TOKEN; or set --public-url to https://...",
        )
    origin = request.headers.get("Origin", "")
    if origin and origin not in (f"{own.scheme}://{own.netloc}", request.host_url.rstrip("/")):
        raise AccessRefused(
            f"A page of {origin:.80} may not write with a password that the browser kept",
            hint="Send the token alone: Authorization: Bearer TOKEN",
        )


def _called() -> str:
    """The host that the client calls us."""
    return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""


def _check_local(settings: Settings) -> None:
    """Open writes are for this machine: no other host, and no page of a site in its browser."""
    if not is_loopback(settings.host):
        raise AccessRefused(
            "Writing without a token is for a service on loopback only",
            hint="Its operator gives tokens with --token-file, or listens at 127.0.0.1.",
        )
    origin = request.headers.get("Origin", "")
    called = [_called()]
    if origin:
        called.append(urlsplit(origin).hostname or "")
    if not all(is_loopback(host) for host in called):
        raise AccessRefused("Writing without a token is for programs of this machine only")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
