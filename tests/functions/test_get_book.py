"""The whole tree of the course in one answer, and no answer keys in it."""

from tests.functions.conftest import World


def test_the_tree_is_whole(world: World) -> None:
    reply = world.call("get_book")
    assert reply.status == 200
    book = reply.json
    assert (book["course"], book["version"], book["title"], book["languages"]) == (
        world.course.id,
        1,
        "Small robots",
        ["en", "ur"],
    )
    chapters = [chapter for part in book["parts"] for chapter in part["chapters"]]
    assert [(chapter["id"], chapter["number"]) for chapter in chapters] == [("first", 1), ("second", 2)]
    assert [lesson["slug"] for chapter in chapters for lesson in chapter["lessons"]] == world.course.slugs
    assert [(skill["id"], skill["prerequisites"]) for skill in book["skills"]] == [("sense", []), ("act", ["sense"])]
    assert [(item["id"], item["choices"]) for item in book["items"]] == [("q1", {"a": "It measures", "b": "It moves"})]
    assert reply.headers["Cache-Control"] == "public, no-cache"


def test_no_answer_key_is_anywhere(world: World) -> None:
    assert "answer" not in world.call("get_book").body


def test_it_comes_in_the_language_asked_for(world: World) -> None:
    reply = world.call("get_book", accept_language="ur")
    assert (reply.json["title"], reply.json["language"], reply.headers["Content-Language"]) == (
        "چھوٹے روبوٹ",
        "ur",
        "ur",
    )
    assert reply.json["items"][0]["prompt"] == "یہ کیا کرتا ہے؟"
    assert reply.headers["Vary"] == "Accept-Language"


def test_who_has_this_version_in_this_language_gets_no_body(world: World) -> None:
    tag = world.call("get_book").headers["ETag"]
    again = world.call("get_book", if_none_match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", tag)
    assert world.call("get_book", if_none_match=tag, accept_language="ur").status == 200
    world.publish(title="Second")
    assert world.call("get_book", if_none_match=tag).json["title"] == "Second"


def test_an_unknown_course_is_404(world: World) -> None:
    world.call("get_book", query={"course": "no-such-course"}).problem(404, "unknown_course")
