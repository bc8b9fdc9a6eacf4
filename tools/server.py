"""A WSGI application served on loopback from a thread, until it is closed."""

import logging
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from waitress import wasyncore
from waitress.server import create_server

from tools.errors import OperatorError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
# API Gateway's own limit on a request.
MAX_BODY = 10 * 1024 * 1024

# A deep queue of requests is what a stampede test makes on purpose.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class Server:
    """Listens from the moment it is made; port 0 takes a free one."""

    def __init__(self, application: "WSGIApplication", port: int = 0, threads: int = 4) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            listening.close()
            raise OperatorError(
                f"Port {port} on {HOST} cannot be used ({error.strerror}): choose another one."
            ) from error
        self._server: Any = create_server(
            application,
            sockets=[listening],
            threads=threads,
            backlog=512,
            connection_limit=1024,
            channel_timeout=120,
            max_request_body_size=MAX_BODY,
            asyncore_use_poll=True,
            ident=None,
        )
        self.port = int(listening.getsockname()[1])
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.run, name=f"server-{self.port}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Lets the requests in progress end, then closes every connection."""
        if not self._thread.is_alive():
            return
        self._server.task_dispatcher.shutdown()
        # Sockets belong to the thread that polls them, so it is the one to close them.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
        self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
