"""A section, and what it takes to ask for it."""

from attune.domain.section import SectionRequest, Style, Term

SOURCE = """## Reading a sensor

An IMU reports 100 samples a second, and a late callback loses some of them. Keep the callback short, and let another
thread do the heavy work; the [documentation](/ros2/nodes) explains why this matters for a walking robot.

Use `create_subscription` with a depth of 10 messages. The delay of 20 ms is what $v = a t$ turns into an error.

![A diagram](/images/imu.png)

```python
node.create_subscription(Imu, "imu", callback, 10)
```

- The queue holds the newest messages.
- Older ones are dropped without a word.
"""

REQUEST = SectionRequest(
    lesson_title="Sensors",
    title="Reading a sensor",
    outline=("Reading a sensor",),
    source=SOURCE,
    source_language="en",
    language="en",
    persona={"programming": "new"},
    instructions=("Compare every new idea with something from everyday life.",),
    glossary=(Term("IMU", "an inertial measurement unit of 6 axes"), Term("callback")),
    define_terms=False,
    style=Style("openai", "m", "chat", "1"),
)


def edited(old: str, new: str, text: str = SOURCE) -> str:
    assert old in text
    return text.replace(old, new, 1)
