"""What each word of a caption is about: the lesson from which the text encoders learn to read.

Questions with numbered answers, 0 for "nothing of this kind". A word of a noun phrase answers for
the objects of that phrase, a word of the ground for the background; the caption as a whole answers
for all its noun phrases. No picture is involved.
"""

import re

import numpy as np

from probeselect_models.training.scenes import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    SIZES,
    TEXTURES,
    Description,
    Noun,
    caption,
)

NOUNS = 3
NOUN_ANSWERS = {"number": 5, "size": 4, "colour": 9, "shape": 6}
GROUND_ANSWERS = {"background": 5, "texture": 5}
WORD_ANSWERS = {"noun": NOUNS + 1, **NOUN_ANSWERS, "relation": 5, **GROUND_ANSWERS}
"""Questions about a word, with the number of possible answers."""
CAPTION_ANSWERS = {
    **{f"{question} {i}": n for i in range(NOUNS) for question, n in NOUN_ANSWERS.items()},
    "relation": 5,
    **GROUND_ANSWERS,
}
"""Questions about the whole caption."""
SKIP = -100
"""In place of an answer: a token that is no word."""

_INVERSE = {0: 0, 1: 2, 2: 1, 3: 4, 4: 3}
"""A relation as the other object sees it: left and right, above and below change places."""


def word_answers(d: Description, spans: list[tuple[int, int]]) -> np.ndarray:
    """Answers [tokens, questions] for tokens at these places (first, end) in the caption's text.

    A token of no width is none of the caption's words; its answers are SKIP.
    """
    text = caption(d)
    ground = text.rindex(" on ") + 1
    phrases = [match.span() for match in _PHRASE.finditer(text, 0, ground)]
    answers = np.zeros((len(spans), len(WORD_ANSWERS)), np.int64)
    for row, (start, end) in zip(answers, spans):
        if start == end:
            row[:] = SKIP
        elif start >= ground:
            row[-2:] = _ground(d)
        else:
            for i, (first, last) in enumerate(phrases):
                if first <= start and end <= last:
                    row[0] = i + 1
                    row[1:5] = _noun(d.nouns[i])
                    row[5] = _relation(d) if i == 0 else _INVERSE[_relation(d)]
    return answers


def caption_answers(d: Description) -> np.ndarray:
    """Answers [questions] for the whole caption."""
    nouns = [_noun(noun) for noun in d.nouns] + [[0] * len(NOUN_ANSWERS)] * (NOUNS - len(d.nouns))
    return np.asarray([*sum(nouns, []), _relation(d), *_ground(d)], np.int64)


_PHRASE = re.compile(rf"\w+ (?:(?:small|large) )?(?:{'|'.join(COLOURS)}) \w+")


def _noun(noun: Noun) -> list[int]:
    return [
        noun.count,
        SIZES.index(noun.size) + 1,
        tuple(COLOURS).index(noun.colour) + 1,
        SHAPES.index(noun.shape) + 1,
    ]


def _relation(d: Description) -> int:
    return RELATIONS.index(d.relation) + 1 if d.relation else 0


def _ground(d: Description) -> list[int]:
    return [tuple(BACKGROUNDS).index(d.background) + 1, TEXTURES.index(d.texture) + 1]
