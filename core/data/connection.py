"""HTTP client with the proxies and certificates of the environment.

Error messages give the name of the environment variable at fault but never the address of a proxy,
which may contain a password.
"""

import os
import ssl
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import certifi
import httpx

from core.data.dataset import DataError

KINDS = ("http", "https", "socks5", "socks5h")
"""Supported URL schemes of proxies."""

EXAMPLES = "http://HOST:PORT or socks5://HOST:PORT would be right"

SYSTEM = "the system's settings"
"""Source of a proxy that no variable sets, on macOS and Windows."""


def client(timeout: float) -> httpx.Client:
    """Return a client that uses the proxies of the environment.

    Args:
        timeout: seconds without a response or another byte.

    Raises:
        DataError: if a variable names certificates that cannot be used.
    """
    return httpx.Client(transport=_Router(certificates()), timeout=timeout, trust_env=False)


def certificates() -> ssl.SSLContext:
    """Return the trusted certificates: SSL_CERT_FILE or SSL_CERT_DIR, else those of certifi.

    Raises:
        DataError: if a variable is invalid; the message names it.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file:
            if not Path(file).exists():
                raise DataError(f"SSL_CERT_FILE names {file}, which does not exist")
            if not Path(file).is_file():  # opening a pipe would block
                raise DataError(f"SSL_CERT_FILE names {file}, which is no file")
            return ssl.create_default_context(cafile=file)
        if folder:
            if not any(_has_files(Path(each)) for each in folder.split(os.pathsep)):
                raise DataError(f"SSL_CERT_DIR names {folder}, which is no folder of certificates")
            return ssl.create_default_context(capath=folder)
        return ssl.create_default_context(cafile=certifi.where())
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise DataError(_ssl_setup_error(error)) from None


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _ssl_setup_error(error: Exception) -> str:
    """Return which variable prevents the setup of `ssl`, found by trying each one separately."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except (OSError, ValueError):
        return "OPENSSL_CONF names settings that OpenSSL cannot use"
    keys = os.environ.get("SSLKEYLOGFILE")
    if keys:
        try:
            context.keylog_filename = keys
        except (OSError, ValueError) as wrong:
            return f"SSLKEYLOGFILE names {keys}, which cannot be written: {_words(wrong)}"
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if place := os.environ.get(variable):
            return f"{variable} names {place}, which holds no certificates: {_words(error)}"
    return f"certificates cannot be read: {_words(error)}"


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(reason).replace("_", " ").lower() if isinstance(error, ssl.SSLError) else str(reason)


class _Router(httpx.BaseTransport):
    """Selects the proxy for each request: a redirect may lead to an address with another proxy.

    Args:
        trusted: the trusted certificates.
    """

    def __init__(self, trusted: ssl.SSLContext) -> None:
        self._trusted = trusted
        self._transports: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; errors name the variable of the proxy or the certificates."""
        variable, address = _proxy(request.url)
        transport = self._transports.get(variable) or _transport(variable, address, self._trusted)
        self._transports[variable] = transport
        by = f" (through the proxy that {variable} names)" if variable else ""
        try:
            response = transport.handle_request(request)
        except httpx.HTTPError as error:
            reason = str(error).rstrip(".") or type(error).__name__
            raise httpx.TransportError(f"{reason}{by}{_certificate_note(reason)}") from error
        except Exception as error:
            # Responses of servers that are not proxies can raise other exceptions in httpx.
            if not variable:
                raise
            raise httpx.ProxyError(f"no proxy answers there{by}") from error
        if by and response.status_code in (407, 502, 503, 504):
            response.close()
            answer = f"{response.status_code} {response.reason_phrase}".strip()
            raise httpx.ProxyError(f"the answer is {answer}{by}")
        return response

    def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            transport.close()


def _proxy(url: httpx.URL) -> tuple[str, str]:
    """Return the variable that sets the proxy for an address and its value, or empty strings."""
    port = f":{url.port}" if url.port else ""
    if proxy_bypass(url.host) or proxy_bypass(f"{url.host}{port}"):
        return "", ""
    known = getproxies()
    for kind in (url.scheme, "all"):
        if address := known.get(kind):
            names = (name for name in os.environ if name.lower() == f"{kind}_proxy")
            # Lower case takes precedence, as in other programs.
            named = [name for name in sorted(names, reverse=True) if os.environ[name]]
            return (named[0] if named else SYSTEM), address
    return "", ""


def _transport(variable: str, address: str, trusted: ssl.SSLContext) -> httpx.HTTPTransport:
    """Return a direct transport, or one through the proxy that `variable` sets.

    Raises:
        DataError: if `address` is not the address of a proxy.
    """
    if not variable:
        return httpx.HTTPTransport(verify=trusted, trust_env=False)
    kind, separator, _ = address.partition("://")
    if not separator:
        kind, address = "http", f"http://{address}"
    if kind.lower() not in KINDS:
        shown = f", {kind}" if kind.isalnum() else ""
        raise DataError(f"{variable} names a proxy of a kind that is not known{shown}; {EXAMPLES}")
    try:
        parsed = httpx.URL(address)
        if not parsed.host or not 0 < (parsed.port or 1) < 65_536:
            raise ValueError
        return httpx.HTTPTransport(verify=trusted, trust_env=False, proxy=httpx.Proxy(address))
    except ImportError:
        raise DataError(
            f"{variable} names a SOCKS proxy, which needs the package socksio: "
            "`pip install socksio` brings it"
        ) from None
    except (httpx.InvalidURL, ValueError, TypeError):
        raise DataError(f"{variable} is no address of a proxy; {EXAMPLES}") from None


def _certificate_note(reason: str) -> str:
    """Return a note with the variable that sets the certificates if their verification failed."""
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if "CERTIFICATE_VERIFY_FAILED" in reason and os.environ.get(variable):
            return f" (the certificates are those that {variable} names)"
    return ""
