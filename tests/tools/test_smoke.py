"""M7: after a deployment one command says whether it does what it is for, and if not, what does not work."""

import pytest

from tools import course, demo, publish, smoke
from tools.errors import OperatorError
from tools.local import Stack

COURSE = "poker"


def test_m7_a_deployment_is_tried_as_a_learner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Stack(env={"DEFAULT_COURSE": COURSE}, pollers=False) as stack:
        with pytest.raises(OperatorError, match="no such course: publish one"):
            list(smoke.look(stack.url))
        (folder,) = (folder for folder in demo.folders() if folder.name == COURSE)
        publish.publish(stack.api(stack.admin()), course.read(folder))
        # No worker runs yet.
        with monkeypatch.context() as impatient:
            impatient.setattr(smoke, "WAIT", 1)
            impatient.setattr(smoke, "TRIES", 1)
            with pytest.raises(OperatorError, match=r"after 1 seconds: 0 of \d+ sections"):
                list(smoke.look(stack.url))
        for poller in stack.pollers:
            poller.start()
        try:
            assert smoke.main(["--url", stack.url]) == 0
        finally:
            for poller in stack.pollers:
                poller.stop()
        said = capsys.readouterr().out.splitlines()
        assert [line.split(":")[0].strip() for line in said] == [
            *("health", "onboarding", "guest", "recommendations", "lesson")
        ]
        assert "is ready" in said[-1]
        assert smoke.main(["--url", stack.url, "--course", "physical-ai"]) == 2
        assert "has no such course" in capsys.readouterr().err


def test_m7_what_cannot_be_reached_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main(["--url", "http://127.0.0.1:9"]) == 2
    assert "http://127.0.0.1:9 cannot be reached" in capsys.readouterr().err
