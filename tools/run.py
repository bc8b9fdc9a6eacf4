"""`make run`: Attune on this machine with the courses and demo learners in it, until Ctrl-C."""

import argparse
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from tools import course, demo, demo_week, services
from tools.client import Refused
from tools.errors import OperatorError
from tools.files import LOCAL, RUNNING, TOKENS, write_private
from tools.local import Stack
from tools.template import ROOT

_MODEL = (
    *("LLM_BASE_URL", "LLM_MODEL", "LLM_API", "OPENAI_API_KEY", "LLM_NAMES"),
    *("SECOND_LLM_BASE_URL", "SECOND_LLM_MODEL", "SECOND_LLM_API", "SECOND_LLM_API_KEY"),
)

console = Console(highlight=False, markup=False, soft_wrap=True)


def main(arguments: list[str] | None = None) -> int:
    """Runs until it is told to end; 0 then, 2 where it could not start."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    options = _options(arguments)
    try:
        _run(options.port, options.local)
    except KeyboardInterrupt:
        console.print("  ended")
    except OperatorError as error:
        print(f"attune: {error}", file=sys.stderr)
        return 2
    except Refused as refused:
        print(f"attune: the API refused what a stack begins with: {refused}", file=sys.stderr)
        return 2
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.run", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=os.environ.get("PORT") or "8000", help="of the API (PORT, 8000); 0 takes free ones"
    )
    parser.add_argument("--local", type=Path, default=LOCAL, help="folder of what is kept between runs (.local)")
    return parser.parse_args(arguments)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """The first signal ends; any further one would only interrupt the ending."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(port: int, local: Path) -> None:
    if not 0 <= port <= 65_535:
        raise OperatorError(f"{port} is no port: PORT is a number from 1 to 65535.")
    for prefix in ("", "SECOND_"):
        if os.environ.get(f"{prefix}LLM_API", "chat") not in ("chat", "responses"):
            raise OperatorError(f"{prefix}LLM_API is chat or responses.")
        if not os.environ.get(f"{prefix}LLM_BASE_URL", "http").startswith("http"):
            raise OperatorError(f"{prefix}LLM_BASE_URL starts with http:// or https://.")
    if not services.is_free(port):
        raise OperatorError(f"Port {port} is taken: end what uses it, or run `make run PORT={port + 2}`.")
    with _only_user_of(local / "data") as data, console.status("starting the embedded services") as status:
        environment = _model()
        with Stack(
            data,
            port,
            environment,
            parameters={"LlmBatches": os.environ.get("LLM_BATCHES") or "no"},
            reload=True,
            schedules=True,
            streams=True,
            services_port=_preferably(services.PORT) if port else 0,
            # A fixed issuer keeps an account's identity from run to run.
            issuer_port=_preferably(port + 1) if port else 0,
        ) as stack:
            console.print(f"  {len(stack.template.functions)} functions, table and queues of template.yaml: embedded")
            for line in demo.courses(stack, status.update):
                console.print(f"  {line}")
            status.update("demo learners")
            tokens = demo.learners(stack, local / TOKENS)
            console.print("  demo learners ready")
            status.update(demo_week.SAID)
            if demo_week.begin(stack):
                console.print(f"  {demo_week.COURSE}: {demo_week.SAID}")
            status.stop()
            running = local / RUNNING
            write_private(running, json.dumps({"endpoint": stack.services.endpoint, "environment": stack.env}))
            try:
                _announce(stack, tokens, local / TOKENS)
                signal.pause()
            finally:
                running.unlink(missing_ok=True)


def _preferably(port: int) -> int:
    return port if services.is_free(port) else 0


@contextmanager
def _only_user_of(data: Path) -> Iterator[Path]:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OperatorError(f"Another run keeps its data in {data}: end that run first.") from error
        yield data


def _model() -> dict[str, str | None]:
    """What the environment says of a real model; without an address or a key the built-in writer writes."""
    said: dict[str, str | None] = {name: os.environ[name] for name in _MODEL if os.environ.get(name)}
    real = "LLM_BASE_URL" in said or "OPENAI_API_KEY" in said
    return {**said, "WRITER": "openai" if real else "rules"}


def _announce(stack: Stack, tokens: dict[str, str], file: Path) -> None:
    writer = "rules (set OPENAI_API_KEY or LLM_BASE_URL for a real model)"
    if stack.env["WRITER"] == "openai":
        writer = f"{stack.env['LLM_MODEL']} at {stack.env['LLM_BASE_URL']}"
        if second := stack.env.get("SECOND_LLM_MODEL"):
            writer += f", else {second} at {stack.env['SECOND_LLM_BASE_URL']}"
    api, where = f"{stack.url}/api", os.path.relpath(file)
    lesson = next(iter(course.read(ROOT / "courses" / stack.env["DEFAULT_COURSE"]).lessons)).slug
    lines = [
        "",
        f"API     {api}",
        f"Docs    {api}/docs",
        f"Issuer  {stack.issuer.url}",
        f"AWS     {stack.services.endpoint} (aws --endpoint-url)",
        f"Writer  {writer}",
        "",
        f"Tokens (also in {where})",
        *(f"{kind:<8}{token}" for kind, token in tokens.items()),
        "",
        "Try",
        f"""TOKEN=$(python3 -c 'import json; print(json.load(open("{where}"))["guest"])')""",
        f"curl -s {api}/content/book",
        f'curl -s -H "Authorization: Bearer $TOKEN" {api}/personalization/preferences',
        'curl -i -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -H "Prefer: wait=5" \\',
        f"     -d '{json.dumps({'lesson_slug': lesson})}' {api}/personalize",
        "",
        "Ctrl-C ends everything; the data is kept.",
    ]
    for line in lines:
        console.print(f"  {line}" if line else "")


if __name__ == "__main__":
    sys.exit(main())
