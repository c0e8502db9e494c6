"""The cases of the judge are true, of the test split, and wrong in exactly one word."""

from golden import judge_cases
from probeselect_models.training import scenes


def test_cases_are_of_the_test_split_and_wrong_in_one_statement():
    for scene, word, wrong in judge_cases.cases(40, seed=1):
        caption = scenes.caption(scene)
        assert scenes.split_of(caption) == "test"
        assert scenes.facts(scene, caption) == 1
        assert scenes.facts(scene, wrong) < 1
        assert judge_cases.changed_word(scenes.parse(caption), scenes.parse(wrong)) == word
