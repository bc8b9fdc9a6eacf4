"""The life of a village: people come, things happen, then nothing fails any more, and the laws must hold."""

from typing import Final

from tests.simulation import village_laws, villagers
from tests.simulation.village import Village
from tests.simulation.village_laws import Kept

TURNS: Final = 30


def live(village: Village, rows: Kept, again: str) -> None:
    """All of it; what goes wrong is told with the last turns, and with the command that plays them `again`."""
    try:
        with village.open():
            for _ in range(3):
                villagers.arrives(village)
            villagers.signs_in(village)
            for _ in range(TURNS):
                village.trace.append(villagers.turn(village))
            village.trace.append("heal")
            village.heal()
            village_laws.check(village, rows)
    except Exception as error:
        error.add_note(f"{' '.join(village.trace[-25:])}\n{again}")
        raise
