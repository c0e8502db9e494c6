"""Captions in words: writing them, reading them, and the split that each belongs to."""

import hashlib
import re

from probeselect_models.training.scenes.description import (
    BACKGROUNDS,
    COLOURS,
    NUMBERS,
    RELATIONS,
    SHAPES,
    TEXTURES,
    Description,
    Noun,
    Scene,
)


def caption(what: Scene | Description) -> str:
    """The caption of a scene or of a description."""
    d = what.description if isinstance(what, Scene) else what
    nouns = [_noun_phrase(noun) for noun in d.nouns]
    if d.relation:
        things = f"{nouns[0]} {d.relation} {nouns[1]}"
    elif len(nouns) == 3:
        things = f"{nouns[0]}, {nouns[1]} and {nouns[2]}"
    else:
        things = " and ".join(nouns)
    ground = f"{d.background} background"
    if d.texture != "plain":
        ground = f"{d.texture} {ground}"
    return f"{things} on {_with_article(ground)}"


def parse(text: str) -> Description:
    """The description that a caption of the grammar states; ValueError for any other text."""
    match = _CAPTION.fullmatch(text)
    if not match:
        raise ValueError(f"not a caption of the scene grammar: {text!r}")
    relation = match["relation"]
    if relation:
        phrases = [match["first"], match["second"]]
    else:
        phrases = re.split(r", | and ", match["list"])
    description = Description(
        tuple(_parse_noun(phrase) for phrase in phrases),
        relation,
        match["texture"] or "plain",
        match["background"],
    )
    if not is_drawable(description) or caption(description) != text:
        raise ValueError(f"not a caption of the scene grammar: {text!r}")
    return description


def is_drawable(d: Description) -> bool:
    """Whether the description lies within the grammar, and its objects fit into a picture."""
    counts = tuple(noun.count for noun in d.nouns)
    sizes = [noun.size for noun in d.nouns for _ in range(noun.count)]
    looks = {(noun.colour, noun.shape) for noun in d.nouns}
    if len(looks) < len(d.nouns):
        return False
    if d.relation and counts != (1, 1):
        return False
    if counts not in {(1,), (2,), (3,), (4,), (1, 1), (2, 1), (3, 1), (1, 1, 1)}:
        return False
    if len(d.nouns) > 1 and sum(counts) > 2:
        return set(sizes) == {"medium"}
    return sizes.count("large") <= 2


def split_of(prompt: str) -> str:
    """`train`, `validation` or `test`: fixed for ever by the text of the prompt."""
    share = int(hashlib.sha256(prompt.encode()).hexdigest()[:8], 16) % 100
    return "train" if share < 80 else "validation" if share < 90 else "test"


def _with_article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _noun_phrase(noun: Noun) -> str:
    plural = "" if noun.count == 1 else "es" if noun.shape == "cross" else "s"
    words = [noun.colour, noun.shape + plural]
    if noun.size != "medium":
        words.insert(0, noun.size)
    phrase = " ".join(words)
    return _with_article(phrase) if noun.count == 1 else f"{NUMBERS[noun.count - 1]} {phrase}"


def _either(words) -> str:
    return "(?:" + "|".join(words) + ")"


_NOUN_WORDS = (
    rf"(?:an?|two|three|four) (?:(?:small|large) )?{_either(COLOURS)} {_either(SHAPES)}(?:e?s)?"
)
_NOUN = re.compile(
    rf"(?P<number>an?|two|three|four) (?:(?P<size>small|large) )?(?P<colour>{_either(COLOURS)}) "
    rf"(?P<shape>{_either(SHAPES)})(?:e?s)?"
)
_CAPTION = re.compile(
    rf"(?:(?P<first>{_NOUN_WORDS}) (?P<relation>{_either(RELATIONS)}) (?P<second>{_NOUN_WORDS})"
    rf"|(?P<list>{_NOUN_WORDS}(?:, {_NOUN_WORDS})?(?: and {_NOUN_WORDS})?)) on an? "
    rf"(?:(?P<texture>{_either(TEXTURES[1:])}) )?(?P<background>{_either(BACKGROUNDS)}) background"
)


def _parse_noun(phrase: str) -> Noun:
    match = _NOUN.fullmatch(phrase)
    number = "a" if match["number"] == "an" else match["number"]
    return Noun(
        NUMBERS.index(number) + 1, match["size"] or "medium", match["colour"], match["shape"]
    )
