"""The contract, for tools."""

from tests.functions.conftest import ROUTES, World


def test_it_is_served_with_a_tag(world: World) -> None:
    reply = world.call("get_openapi")
    assert (reply.status, reply.json["openapi"][:3]) == (200, "3.1")
    assert {route.path for route in ROUTES.values()} - {"$default"} <= {
        path.replace("{slug}", "{slug+}") for path in reply.json["paths"]
    }
    again = world.call("get_openapi", if_none_match=reply.headers["ETag"])
    assert (again.status, again.body) == (304, "")
    assert again.headers["Cache-Control"] == "public, no-cache"
