"""A course folder as it lies on disk; whether it is a good course is for the server to say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Lesson:
    """The text of a lesson, and the texts that an author has translated."""

    slug: str
    file: Path
    content: str
    translations: dict[str, str]


@dataclass(frozen=True, slots=True)
class Course:
    """`id` is the folder's name; `unused` are Markdown files that the manifest does not speak of."""

    id: str
    file: Path
    manifest: dict[str, Any]
    lessons: list[Lesson]
    unused: list[Path]


class _Loader(yaml.CSafeLoader):
    """YAML as JSON means it: no dates, and no key twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - so it is declared in the class above
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(folder: Path) -> Course:
    """The folder; OperatorError where it is no course folder at all."""
    folder = folder.resolve()
    file = folder / "course.yaml"
    if not file.is_file():
        raise OperatorError(
            f"{folder} is no course: it has no course.yaml (docs/course-format.md describes the folder)."
        )
    try:
        manifest = _Loader(_text(file)).get_single_data()
    except yaml.YAMLError as error:
        raise OperatorError(f"{file} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(manifest, dict):
        raise OperatorError(f"{file} must hold a map with a title, skills, parts and so on.")
    known = {lesson.slug: lesson for lesson in _lessons(folder, manifest)}
    used = {file for lesson in known.values() for file in (lesson.file, *_translations(lesson.file, manifest).values())}
    unused = sorted(set((folder / "lessons").rglob("*.md")) - used)
    return Course(folder.name, file, manifest, list(known.values()), unused)


def _lessons(folder: Path, manifest: dict[str, Any]) -> Iterator[Lesson]:
    """Those of the manifest that have a text; a manifest of a wrong shape has none, and the server will say so."""
    for slug in _slugs(manifest.get("parts")):
        file = folder / "lessons" / f"{slug}.md"
        if file.is_file() and folder in file.resolve().parents:
            translations = {language: _text(each) for language, each in _translations(file, manifest).items()}
            yield Lesson(slug, file, _text(file), translations)


def _slugs(parts: Any) -> Iterator[str]:
    for part in _maps(parts):
        for chapter in _maps(part.get("chapters")):
            for lesson in _maps(chapter.get("lessons")):
                if isinstance(lesson.get("slug"), str):
                    yield lesson["slug"]


def _maps(value: Any) -> Iterator[dict[str, Any]]:
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def _translations(file: Path, manifest: dict[str, Any]) -> dict[str, Path]:
    languages = manifest.get("languages")
    wanted = [each for each in languages if isinstance(each, str)] if isinstance(languages, list) else []
    found = {language: file.with_name(f"{file.stem}.{language}.md") for language in wanted}
    return {language: each for language, each in found.items() if each.is_file()}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise OperatorError(f"{file} is not UTF-8: byte {error.start} is not.") from error


def line_of(file: Path, pointer: str) -> int | None:
    """The line of a YAML file that a JSON pointer into it means, or the line of its nearest parent."""
    node = yaml.compose(_text(file), _Loader)
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        child = None
        if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            child = node.value[int(step)]
        elif isinstance(node, yaml.MappingNode):
            child = next((value for key, value in node.value if key.value == step), None)
        if child is None:
            break
        node = child
    return node.start_mark.line + 1 if node else None
