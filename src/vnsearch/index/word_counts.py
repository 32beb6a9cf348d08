"""pyvi's words of several syllables in a batch of articles, and how many articles have each."""

from collections.abc import Iterator, Mapping

import numpy as np

from .. import kernels
from ..arrays import Array
from ..article import Article
from ..text.memo import Memo
from ..text.normalize import cleaned
from ..text.tokenize import chunk_terms, folded_term
from ..text.words import Forms, segment
from .chunk_table import ChunkTable
from .container_writer import ContainerWriter

_syllable_keys: Memo[str] = Memo(lambda syllable: " ".join(term for term, _ in chunk_terms(syllable)))


def words_of(article: Article) -> set[str]:
    """The words of one article, as terms with blanks."""
    text = cleaned(f"{article.title}\n{article.lead}\n{article.body}")
    keys = (" ".join(filter(None, map(_syllable_keys.__getitem__, word.split("_")))) for word in segment(text))
    return {key for key in keys if " " in key}


def count_words(chunks: ChunkTable, syllables: Array) -> dict[str, int]:
    """Word -> number of articles that have it.  syllables: numbers of forms, TEXT_END after each article."""
    if not len(syllables):
        return {}
    parts, *rows = chunks.word_parts()
    counted = kernels.count_words(syllables, chunks.forms.inside(syllables), *rows)
    nodes = np.frombuffer(counted, np.int32).reshape(-1, 4)
    names: list[str] = [""]
    for before, part, _, _ in nodes[1:].tolist():
        names.append(f"{names[before]} {parts[part]}" if before else parts[part])
    return {names[node]: int(nodes[node, 2]) for node in nodes[:, 2].nonzero()[0].tolist()}


def words_in(forms: Forms, syllables: Array, documents: Array) -> Iterator[tuple[list[str], Array, Array]]:
    """(names, numbers of words in them, documents), word and document in parallel: each pair of the two once a yield.

    syllables: numbers of forms, TEXT_END between documents; documents: that of each syllable, parallel.
    A word grows by one syllable a pass; after each, its number stands for all that it has so far.
    """
    if not len(syllables):
        return
    inside = np.append(forms.inside(syllables), False)
    used, keys = np.unique(syllables, return_inverse=True)
    names = keys_of = list(map(_syllable_keys.__getitem__, forms.surfaces(used)))
    at = (inside[1:] & ~inside[:-1]).nonzero()[0]  # first syllables of words that have a second one
    words = keys[at]
    while len(at):
        at = at + 1
        pairs, words = np.unique(words << 32 | keys[at], return_inverse=True)
        names = [
            f"{names[word]} {key}" if (key := keys_of[syllable]) and names[word] else names[word] or key
            for word, syllable in zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True)
        ]
        goes_on = inside[at + 1]
        first: dict[str, int] = {}  # of several spellings of a word one number counts
        same = np.array([first.setdefault(name, number) for number, name in enumerate(names)])
        done = np.unique(same[words[~goes_on]] << 32 | documents[at[~goes_on]])
        real = np.array([" " in name for name in names], bool)[done >> 32]
        yield names, done[real] >> 32, done[real] & 0xFFFFFFFF
        at, words = at[goes_on], words[goes_on]


def write_words(out: ContainerWriter, counts: Mapping[str, int]) -> None:
    """The words in order of (folded, word), and how many documents have each."""
    keys = {word: " ".join(map(folded_term, word.split(" "))) for word in counts}
    ordered = sorted(counts, key=lambda word: (keys[word], word))
    out.append_texts("words", ordered)
    out.append_texts("words_folded", [keys[word] for word in ordered])
    out.append("word_df", np.array([counts[word] for word in ordered], np.uint32))
