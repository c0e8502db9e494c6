"""`scene-reward`, as it is shipped, prefers the true caption of a clean picture."""

import json
from collections import Counter

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from golden.judge_cases import SEED, cases
from places import MODELS
from probeselect_models.metrics import scene_reward
from probeselect_models.training import scenes

JUDGE = MODELS / "tiny-sd2" / "scene-reward"
BUNDLE = MODELS / "src/main/resources/io/github/probeselect/models/tiny-sd2"


@pytest.fixture(scope="module")
def judge():
    return scene_reward.load(JUDGE)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(BUNDLE / "tokenizer/tokenizer.json"))


@pytest.fixture(scope="module")
def judged(judge, tokenizer):
    """Word class, score of the true and of the wrong caption, for 1,000 renders of the test split."""
    found = list(cases(1000, SEED))
    words = [word for _, word, _ in found]
    pictures = as_batch([scenes.render(scene) for scene, _, _ in found])
    true = [scenes.caption(scene) for scene, _, _ in found]
    wrong = [text for _, _, text in found]
    return words, score(judge, tokenizer, pictures, true), score(judge, tokenizer, pictures, wrong)


def as_batch(pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


@torch.no_grad()
def score(judge, tokenizer, pictures, texts):
    ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    chunks = zip(pictures.split(100), ids.split(100))
    return torch.cat([judge(some, texts_of_some) for some, texts_of_some in chunks]).numpy()


def test_true_caption_scores_above_one_with_a_wrong_word_in_95_percent(judged):
    words, true, wrong = judged
    right = true > wrong
    total, passed = Counter(words), Counter(np.asarray(words)[right])
    for word in sorted(total):
        print(f"{word}: {passed[word]} of {total[word]} ({passed[word] / total[word]:.1%})")
    print(f"all: {right.mean():.1%}")
    assert right.mean() >= 0.95
    assert all(passed[word] >= 0.8 * total[word] for word in total), "one kind of word is not seen"


def test_score_grows_with_the_share_of_true_statements(judge, tokenizer):
    rng = np.random.default_rng(8)
    drawn, texts = [], []
    while len(drawn) < 300:
        first, second = scenes.sample_scene(rng), scenes.sample_scene(rng)
        if scenes.split_of(scenes.caption(first)) == "test":
            drawn += [first] * 3
            texts += [scenes.caption(first), scenes.perturb(first, rng), scenes.caption(second)]
    truth = np.array([scenes.facts(scene, text) for scene, text in zip(drawn, texts)])
    pictures = as_batch([scenes.render(scene) for scene in drawn])
    scores = score(judge, tokenizer, pictures, texts)
    assert np.corrcoef(truth, scores)[0, 1] >= 0.9


def test_padding_does_not_change_the_score(judge, tokenizer):
    ids = torch.tensor([tokenizer.encode("a red circle on a gray background").ids])
    pictures = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    end = int((ids == judge.config.eos_id).nonzero()[0, 1]) + 1
    other = ids.clone()
    other[:, end:] = judge.config.eos_id
    with torch.no_grad():
        assert torch.allclose(judge(pictures, ids), judge(pictures, other), atol=1e-5)
        assert torch.allclose(judge(pictures, ids), judge(pictures, ids[:, :end]), atol=1e-5)


def test_the_bundle_holds_this_judge(judge, tokenizer):
    manifest = json.loads((BUNDLE / "manifest.json").read_text(encoding="utf-8"))
    (entry,) = manifest["metrics"]
    metric = torch.jit.load(BUNDLE / entry["file"])
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    texts = ["a red circle on a gray background", "two blue stars on a tan background"]
    ids = torch.tensor([encoding.ids for encoding in tokenizer.encode_batch(texts)])
    with torch.no_grad():
        assert torch.allclose(metric(pictures, ids), judge(pictures, ids), atol=1e-5)


def test_a_grown_judge_scores_as_before(judge):
    bigger = scene_reward.grown(judge, judge.config.fusion_layers + 1).eval()
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    ids = torch.tensor([judge.config.check_ids] * 2)
    with torch.no_grad():
        assert torch.allclose(bigger(pictures, ids), judge(pictures, ids), atol=1e-5)


def test_the_judge_stays_small(judge):
    assert sum(parameter.numel() for parameter in judge.parameters()) <= 1_000_000
