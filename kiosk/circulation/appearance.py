"""How the screen is to look and whether it speaks, for whoever is there: chosen by hand, remembered with the patron."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

CHOICES = ("large_text", "contrast", "night", "sound")
"""What can be switched on and off, in the order in which it is offered."""


class Theme(StrEnum):
    """The colours."""

    LIGHT = "light"
    CONTRAST = "contrast"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Appearance:
    """large: the text; spoken: every view is also said aloud."""

    theme: Theme = Theme.LIGHT
    large: bool = False
    spoken: bool = False

    @classmethod
    def parse(cls, words: str) -> Appearance:
        """What `str` of one gave, "large_text night"; words that mean nothing (any more) are passed over."""
        known = set(words.split())
        theme = next((one for one in Theme if one in known), Theme.LIGHT)
        return cls(theme, "large_text" in known, "sound" in known)

    def __str__(self) -> str:
        return " ".join(choice for choice in CHOICES if self.has(choice))

    def has(self, choice: str) -> bool:
        """Whether one of `CHOICES` is on."""
        on = {"large_text": self.large, "sound": self.spoken}
        return on.get(choice, choice == self.theme)

    def switched(self, choice: str) -> Appearance:
        """With one of `CHOICES` on if it was off, off if it was on; one that is none of them changes nothing."""
        match choice:
            case "contrast" | "night":
                return replace(self, theme=Theme.LIGHT if self.theme == choice else Theme(choice))
            case "large_text":
                return replace(self, large=not self.large)
            case "sound":
                return replace(self, spoken=not self.spoken)
        return self


PLAIN = Appearance()
"""For somebody of whom nothing is known."""
