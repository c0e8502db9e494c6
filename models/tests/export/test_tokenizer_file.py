"""A tokenizer.json and its manifest entry say what the tokenizer really gives, or are refused."""

import json

import pytest
from tokenizers import Tokenizer, processors
from transformers import CLIPTokenizer

from probeselect_models.files import tokenizer_file
from probeselect_models.files.tokenizer_file import CHECK_TEXT, TokenizerFileError
from random_tokenizers import bert_tokenizer, clip_tokenizer, t5_tokenizer, tokenizer

FILE = "tokenizer/tokenizer.json"
LENGTH = 20
TOKENIZERS = {
    "bpe": tokenizer,
    "unigram": t5_tokenizer,
    "clip": clip_tokenizer,
    "wordpiece": bert_tokenizer,
}


@pytest.fixture(params=TOKENIZERS)
def original(request):
    return TOKENIZERS[request.param]()


def reopened(directory):
    return Tokenizer.from_file(str(directory / FILE))


def test_every_check_is_what_the_file_and_transformers_give(original, tmp_path):
    entry = tokenizer_file.save(original, LENGTH, tmp_path, FILE, "CLIP-L")
    assert entry["encoder"] == "CLIP-L"
    assert entry["check"]["text"] == CHECK_TEXT
    for check in (entry["check"], *entry["checks"]):
        theirs = original(
            check["text"], padding="max_length", max_length=LENGTH, truncation=True
        ).input_ids
        assert len(check["ids"]) == LENGTH
        assert check["ids"] == theirs == reopened(tmp_path).encode(check["text"]).ids


def test_checks_are_empty_with_and_without_a_period_and_around_the_limit(original, tmp_path):
    entry = tokenizer_file.save(original, LENGTH, tmp_path, FILE)
    texts = [check["text"] for check in (entry["check"], *entry["checks"])]
    sizes = {len(original(text, verbose=False).input_ids) for text in texts}
    assert "" in texts
    assert {text.endswith(".") for text in texts if text} == {True, False}
    assert min(sizes) <= 2 and max(sizes) > LENGTH
    assert sizes & {LENGTH, LENGTH + 1}


def test_the_end_of_the_longest_check_is_unlike_its_beginning(tmp_path):
    entry = tokenizer_file.save(clip_tokenizer(), LENGTH, tmp_path, FILE)
    words = max((check["text"].split() for check in entry["checks"]), key=len)
    assert len(set(words)) == len(words) > LENGTH - 2


@pytest.mark.parametrize("text", ["a red circle", "", "red " * 50])
def test_padding_on_the_left_is_carried_over(tmp_path, text):
    original = clip_tokenizer()
    original.padding_side = "left"
    entry = tokenizer_file.save(original, LENGTH, tmp_path, FILE)
    assert json.loads((tmp_path / FILE).read_text())["padding"]["direction"] == "Left"
    assert (entry["bosId"], entry["eosId"]) == (original.bos_token_id, original.eos_token_id)
    theirs = original(text, padding="max_length", max_length=LENGTH, truncation=True).input_ids
    assert reopened(tmp_path).encode(text).ids == theirs


def test_a_tokenizer_that_keeps_the_end_is_refused(original, tmp_path):
    original.truncation_side = "left"
    refused(original, tmp_path, FILE, "truncation_side", "'left'")


def test_sections_of_the_original_file_do_not_stay(original, tmp_path):
    original.backend_tokenizer.enable_truncation(12, stride=3, direction="left")
    original.backend_tokenizer.enable_padding(pad_to_multiple_of=64, direction="left")
    tokenizer_file.save(original, LENGTH, tmp_path, FILE)
    sections = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert sections["truncation"]["max_length"] == LENGTH
    assert (sections["truncation"]["stride"], sections["truncation"]["direction"]) == (0, "Right")
    assert sections["padding"]["strategy"] == {"Fixed": LENGTH}
    assert sections["padding"]["pad_to_multiple_of"] is None


def test_only_ids_that_a_text_is_given_are_its_begin_and_end(tmp_path):
    original = tokenizer()
    original.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", original.eos_token_id)]
    )
    entry = tokenizer_file.save(original, LENGTH, tmp_path, FILE)
    assert original.bos_token_id is not None and "bosId" not in entry
    assert entry["eosId"] == original.eos_token_id


class Changing:
    """A tokenizer that changes its texts first, which its tokenizer.json does not know of."""

    def __init__(self, original, change):
        self.original, self.change = original, change

    def __getattr__(self, name):
        return getattr(self.original, name)

    def __call__(self, text, **options):
        return self.original(self.change(text), **options)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.removesuffix("."),
        lambda text: text + "." if text else text,
        lambda text: text or "a",
        lambda text: text.replace("red", ""),
        lambda text: text.replace("'", ""),
        lambda text: " ".join(text.split()[2 - LENGTH :]),
    ],
    ids=["period lost", "period added", "empty", "word lost", "mark lost", "end kept"],
)
def test_a_tokenizer_that_does_more_than_its_file_is_refused(tmp_path, change):
    refused(Changing(bert_tokenizer(), change), tmp_path, FILE, "gives other ids")


def test_a_tokenizer_without_the_tokenizers_library_is_refused(tmp_path):
    class Slow:
        backend_tokenizer = None

    refused(Slow(), tmp_path, FILE, "Slow", "tokenizers library")


def refused(original, directory, *words):
    with pytest.raises(TokenizerFileError) as error:
        tokenizer_file.save(original, LENGTH, directory, FILE)
    for word in words:
        assert word in str(error.value)
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("pad_token, missing", [("<|endoftext|>", None), ("<|nowhere|>", True)])
def test_a_special_token_is_looked_for_in_a_vocabulary_without_tokenizer_json(
    tmp_path, pad_token, missing
):
    vocabulary = clip_tokenizer()
    backend = json.loads(vocabulary.backend_tokenizer.to_str())["model"]
    (tmp_path / "vocab.json").write_text(json.dumps(backend["vocab"]))
    merges = "".join(f"{left} {right}\n" for left, right in backend["merges"])
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + merges)
    opened = CLIPTokenizer.from_pretrained(tmp_path, pad_token=pad_token)
    found = tokenizer_file.missing_special_token(opened, tmp_path)
    assert found == (missing and (pad_token, "vocab.json"))


def test_the_extra_ids_of_t5_need_not_be_in_its_vocabulary(tmp_path):
    t5 = t5_tokenizer()
    t5.add_special_tokens({"additional_special_tokens": ["<extra_id_0>"]})
    assert tokenizer_file.missing_special_token(t5, tmp_path) is None
