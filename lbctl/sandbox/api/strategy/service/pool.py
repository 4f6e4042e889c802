"""Drawing free numbers at random, in constant time, from ranges as large as an IPv6 /64.

Theory of operation: think of the numbers 0..size-1 written on cards laid out in a row, free ones left, taken ones
right. To take a card, swap it with the last free one and move the border; to give it back, swap it with the first
taken one. Only displaced cards are remembered, so an untouched pool of any size costs nothing.
"""

from __future__ import annotations

from random import Random


class RandomPool:
    """The numbers 0..size-1, each free or taken; every operation takes constant time."""

    def __init__(self, size: int, random: Random) -> None:
        self._size = self._free = size
        self._random = random
        self._card_at: dict[int, int] = {}
        self._place_of: dict[int, int] = {}

    @property
    def free(self) -> int:
        """How many numbers are free."""
        return self._free

    def __contains__(self, number: int) -> bool:
        return 0 <= number < self._size and self._place(number) >= self._free

    def take(self, number: int) -> bool:
        """Take this number; False if it was taken already."""
        if number in self:
            return False
        self._free -= 1
        self._swap(self._place(number), self._free)
        return True

    def draw(self) -> int | None:
        """Take any free number, all equally likely; None when there is none."""
        if not self._free:
            return None
        number = self._card(self._random.randrange(self._free))
        self.take(number)
        return number

    def give_back(self, number: int) -> None:
        """Make a taken number free again; nothing happens to a free one."""
        if number in self:
            self._swap(self._place(number), self._free)
            self._free += 1

    def _card(self, place: int) -> int:
        return self._card_at.get(place, place)

    def _place(self, card: int) -> int:
        return self._place_of.get(card, card)

    def _swap(self, here: int, there: int) -> None:
        one, other = self._card(here), self._card(there)
        self._lay(one, there)
        self._lay(other, here)

    def _lay(self, card: int, place: int) -> None:
        if card == place:
            self._card_at.pop(place, None)
            self._place_of.pop(card, None)
        else:
            self._card_at[place] = card
            self._place_of[card] = place


class BandedRange:
    """The numbers 0..size-1 in two bands: draws come from the upper one as long as it lasts.

    The lower band is thereby left to people who choose their numbers themselves.
    Source: KEP-3070 and KEP-3668, "reserved ranges for dynamic and static allocation".
    """

    def __init__(self, size: int, static: int, random: Random) -> None:
        self.size = size
        self.static = static
        self._lower = RandomPool(static, random)
        self._upper = RandomPool(size - static, random)

    @property
    def free(self) -> int:
        """How many numbers are free in both bands."""
        return self._lower.free + self._upper.free

    def __contains__(self, number: int) -> bool:
        return number in self._lower if number < self.static else number - self.static in self._upper

    def take(self, number: int) -> bool:
        """Take this number of either band; False if it was taken already."""
        return self._lower.take(number) if number < self.static else self._upper.take(number - self.static)

    def draw(self) -> int | None:
        """Take a free number of the upper band, or of the lower when that is full; None when both are."""
        number = self._upper.draw()
        return self._lower.draw() if number is None else number + self.static

    def give_back(self, number: int) -> None:
        """Make a taken number free again; nothing happens to a free one."""
        if number < self.static:
            self._lower.give_back(number)
        else:
            self._upper.give_back(number - self.static)


def static_band(size: int, *, least: int, most: int, share: int) -> int:
    """How many of `size` numbers are left to explicit requests: a `share`-th, but within `least` and `most`."""
    return 0 if size <= least else min(max(least, size // share), most)
