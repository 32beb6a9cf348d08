"""What each kernel means, in plain Python and NumPy; in use where nothing was compiled.

Longer than other files, since it is the list of all kernels once more.
"""

import math
import re
from array import array
from itertools import pairwise
from math import prod
from operator import itemgetter

import numpy as np

from ..arrays import Array, distinct, find_in
from ..arrays import rows as rows_of
from ..forks import ForkSafeLock


class Table:
    """The pieces of texts, each known by a number: `first` that which is met first, and so on.

    >>> table = Table(bytes(16), 2)
    >>> list(memoryview(table.read("một hai\\nmột 3 - 4", re.compile(r"\\d - \\d"))).cast("i"))
    [2, 3, 4, 2, 5]
    >>> table.pieces(3), len(table)
    (['hai', '\\n', '3 - 4'], 6)
    """

    def __init__(self, secret: bytes, first: int) -> None:
        """secret: 16 bytes, without which nobody can choose pieces that are hard to tell apart."""
        self._numbers, self._first = _Numbers(first), first

    def __len__(self) -> int:
        """The number that the next new piece gets."""
        return self._first + len(self._numbers.pieces)

    def pieces(self, begin: int) -> list[str]:
        """The pieces whose numbers are not below `begin`, in order."""
        return self._numbers.pieces[max(0, begin - self._first) :]

    def read(self, text: str, spaced: "re.Pattern[str] | None" = None) -> bytes:
        """The numbers of a text's pieces, four bytes each: what `spaced` matches, and between that what stands between
        blanks, each end of a line by itself.

        The compiled one asks `spaced` only where a number or a day may begin: see `tokenize`.
        """
        text.encode()  # as the compiled one refuses half a surrogate pair
        pieces: list[str] = []
        done = 0
        for match in spaced.finditer(text) if spaced else ():
            pieces += self._split(text[done : match.start()])
            pieces.append(match.group())
            done = match.end()
        pieces += self._split(text[done:])
        return array("i", map(self._numbers.__getitem__, filter(None, pieces))).tobytes()

    def _split(self, text: str) -> list[str]:
        return text.replace("\n", " \n ").split(" ")


class _Numbers(dict[str, int]):
    """Gives a piece the next number; threads may share it."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._first, self._lock = first, ForkSafeLock()

    def __missing__(self, piece: str) -> int:
        with self._lock:
            if (number := self.get(piece)) is None:
                self.pieces.append(piece)
                number = self[piece] = self._first + len(self.pieces) - 1
            return number


def gather_rows(first: Array, values: Array, rows: Array) -> bytes:
    """The values of rows, one row after the other: row n is values[first[n]:first[n + 1]].

    Types: int64, any of 32 bits, int32.
    """
    return values[rows_of(first, rows)[0]].tobytes()


# -- phrases --------------------------------------------------------------------------------------------------


def find_phrases(codes: Array, begins: Array, steps: Array, first: Array, numbers: Array) -> bytes:
    """The phrases in texts, the longest first, from left to right, without overlaps; in order.

    codes: uint32, of the texts, below the number of roots of a trie.  Its nodes are the codes, as roots, and one for
    each of `steps`, in order: uint64, ascending, from << 32 | code.  first: int64, where each node's steps begin.
    numbers: int32, of the phrase that ends at each node; -1 for none.  begins: bool, by `pair_slot`, whether a phrase
    of several codes may begin with two.
    Returns (start, length, number) of each, int64.
    """
    starts, lengths, found = _phrases(codes, begins, steps, numbers)
    order = np.lexsort((-lengths, starts))
    kept, done = [], 0
    for place, start, length in zip(order.tolist(), starts[order].tolist(), lengths[order].tolist(), strict=True):
        if start >= done:
            kept.append(place)
            done = start + length
    return np.column_stack((starts[kept], lengths[kept], found[kept])).astype(np.int64).tobytes()


def count_phrases(
    codes: Array, begins: Array, steps: Array, first: Array, numbers: Array, title_ends: Array, ends: Array,
    in_title: int, number: int,
) -> bytes:  # fmt: skip
    """How often each phrase is in each text, at every place: see `find_phrases`.

    title_ends, ends: int64, where each text's title and the text itself end.  What begins in a title counts `in_title`
    times.  number: of phrases.
    Returns (text, number, times) of each pair, in order, int64.
    """
    starts, _, found = _phrases(codes, begins, steps, numbers)
    text = ends.searchsorted(starts)
    within = text < len(ends)
    starts, found, text = starts[within], found[within], text[within]
    titled = (starts < title_ends[text]).nonzero()[0]
    keys = (text * number + found).astype(np.int64 if len(ends) * number >> 31 else np.int32)  # sorts twice as fast
    keys, times = np.unique(np.concatenate((keys, *[keys[titled]] * (in_title - 1))), return_counts=True)
    return np.column_stack((keys // max(number, 1), keys % max(number, 1), times)).astype(np.int64).tobytes()


def _phrases(codes: Array, begins: Array, steps: Array, numbers: Array) -> tuple[Array, Array, Array]:
    """(starts, lengths, numbers) of every phrase at every place."""
    one = numbers[codes]
    (at,) = (one >= 0).nonzero()
    starts, lengths, found = [at], [np.ones(len(at), np.intp)], [one[at]]
    (at,) = begins[pair_slot(codes[:-1], codes[1:], len(begins))].nonzero()
    nodes, length, roots = codes[at].astype(np.uint64), 1, len(numbers) - len(steps)
    while len(at := at[inside := at + length < len(codes)]):
        places, there = find_in(steps, nodes[inside] << np.uint64(32) | codes[at + length])
        at, places, length = at[there], places[there], length + 1
        nodes = (places + roots).astype(np.uint64)
        number = numbers[places + roots]
        whole = number >= 0
        starts.append(at[whole])
        lengths.append(np.full(len(starts[-1]), length))
        found.append(number[whole])
    return np.concatenate(starts), np.concatenate(lengths), np.concatenate(found)


def pair_slot(first: Array, second: Array, slots: int) -> Array:
    """Where in `begins` two codes stand; slots: a power of two, at least two."""
    mixed = first * np.uint32(0x9E3779B1) ^ second * np.uint32(0x85EBCA6B)
    found: Array = (mixed >> np.uint32(33 - slots.bit_length())).astype(np.intp)
    return found


# -- the word model -------------------------------------------------------------------------------------------


def decode(
    at: Array,
    own: Array,
    to_right: Array,
    to_left: Array,
    places: Array,
    leads: Array,
    trails: Array,
    keys: Array,
    starts: Array,
    is_pair: Array,
    triples: Array,
    triple_starts: Array,
    may_be_key: Array,
    inside: Array,
    weights: tuple[float, ...],
) -> None:
    """Sets for each syllable (at least one, by number) whether it continues the word before it.

    at: int32, 0 between texts that are decoded together.  own, to_right, to_left: float64, of each number its score and
    what it adds to its neighbours'; places, leads, trails: int64, see `text.words`.  keys, triples: ascending; starts,
    triple_starts: int64, where those of each first place, and of each key, begin.  is_pair: bool, beside keys;
    may_be_key: bool, by `slot`, errs on the safe side.
    weights: of a compound's first syllable, its second; of one of three syllables its first and last; what the ends of
    a text add; below the first and above the second a score alone decides; of the moves BB BI IB II.
    """
    pair, pair_second, triple, triple_third, begin, end, low, high, bb, bi, ib, ii = weights
    scores = own[at]
    text_ends = (at == 0).nonzero()[0]
    scores[0] += begin
    scores[-1] += end
    scores[text_ends[text_ends < len(at) - 1] + 1] += begin
    scores[text_ends[text_ends > 0] - 1] += end
    scores[1:] += to_right[at[:-1]]
    scores[:-1] += to_left[at[1:]]
    place = places[at]
    found_at = may_be_key[slot(place[:-1], place[1:], len(may_be_key))].nonzero()[0]
    found_at, found = _among(keys, place[found_at] << 20 | place[found_at + 1], found_at)
    pairs = found_at[is_pair[found]]
    scores[pairs] += pair
    scores[pairs + 1] += pair_second
    inner = found_at + 2 < len(place)
    found_at, found = found_at[inner], found[inner]
    found_at, _ = _among(triples, found << 20 | place[found_at + 2], found_at)
    scores[found_at] += triple
    scores[found_at + 2] += triple_third
    inside[:] = scores > high
    unsure = ((scores > low) & ~inside).nonzero()[0].tolist()
    start = 0
    for stop in range(1, len(unsure) + 1):
        if stop == len(unsure) or unsure[stop] != unsure[stop - 1] + 1:
            first, last = unsure[start], unsure[stop - 1] + 1
            before = first > 0 and bool(inside[first - 1])
            after = last < len(scores) and bool(inside[last])
            inside[first:last] = _viterbi(scores[first:last].tolist(), before, after, bb, bi, ib, ii)
            start = stop
    inside[0] = False
    inside[1:] &= leads[at[:-1]] >= trails[at[1:]]


def slot(first: Array, second: Array, slots: int) -> Array:
    """Where in `may_be_key` the key of two places stands; slots: a power of two."""
    found: Array = (first * 40_503 + second) & (slots - 1)
    return found


def _among(ascending: Array, wanted: Array, beside: Array) -> tuple[Array, Array]:
    """(those of `beside` whose `wanted` is there, where it is)."""
    found, there = find_in(ascending, wanted)
    return beside[there], found[there]


def _viterbi(scores: list[float], before: bool, after: bool, bb: float, bi: float, ib: float, ii: float) -> list[bool]:
    """Which syllables are I, given the labels around them; one number a step (Viterbi 1967).

    `lead` is the best score of a path that ends in I minus that of one that ends in B.
    """
    change = ii - ib if before else bi - bb
    leads = []
    for score in scores:
        leads.append(score + change)
        change = max(leads[-1] + ii, bi) - max(leads[-1] + ib, bb)
    labels = []
    for lead in reversed(leads):
        after = lead + ii > bi if after else lead + ib > bb
        labels.append(after)
    return labels[::-1]


# -- words ----------------------------------------------------------------------------------------------------


def count_words(at: Array, inside: Array, first: Array, parts: Array) -> bytes:
    """In how many texts each word of several parts is.

    at: int32, numbers of syllables, 0 after each text; inside: bool, whether each continues the word before it.
    first, parts: int64 and int32; the parts of syllable n are parts[first[n]:first[n + 1]].
    Returns nodes, four int32 each: number of the node without the last part, last part, how many texts have this word,
    and a number that means nothing.  Node 0 is the word of no part; a node comes after that which it goes on from.
    """
    nodes: dict[tuple[int, int], int] = {}
    counts: list[set[int]] = [set()]
    syllables, begins, offsets, own = at.tolist(), (~inside).nonzero()[0].tolist(), first.tolist(), parts.tolist()
    text = 0
    for begin, end in zip(begins, [*begins[1:], len(syllables)], strict=True):
        word = [part for s in syllables[begin:end] for part in own[offsets[s] : offsets[s + 1]]]
        if end > begin + 1:
            node = 0
            for part in word:
                node = nodes.setdefault((node, part), len(nodes) + 1)
                if node == len(counts):
                    counts.append(set())
            if len(word) > 1:
                counts[node].add(text)
        text += syllables[begin:end].count(0)
    rows = [(0, 0, 0, -1), *((*key, len(counts[node]), -1) for key, node in nodes.items())]
    return np.array(rows, np.int32).tobytes()


# -- postings -------------------------------------------------------------------------------------------------


def invert(
    stream: Array,
    field_ends: Array,
    widths: Array,
    first: Array,
    terms: Array,
    offsets: Array,
    ranks: Array,
    number: int,
) -> tuple[bytes, ...]:
    """Chunks of documents -> postings by rank of the term, then document, then as they stand.

    stream: int32, chunks of all documents; field_ends: int64, three a document, where in the stream one chunk stands
    for the end of a field.  widths: int32, positions of each chunk; first, terms, offsets: int64, int32, int32; chunk n
    has terms[first[n]:first[n + 1]], which stand so far after its own position.  ranks: int32, of each term, below
    `number`.
    Returns (df, cf: int64 of each rank; document, count, count in the title, count in the lead: uint32 of each posting;
    positions: uint32; positions of each field of each document: int64).
    """
    ends = field_ends.reshape(-1, 3)
    documents = len(ends)
    document = np.repeat(np.arange(documents), np.diff(ends[:, 2], prepend=-1))
    wide, counts = widths[stream], np.diff(first)[stream]
    wide[field_ends], counts[field_ends] = 1, 0  # what stands for an end is one position without a term
    place = np.concatenate(([0], np.cumsum(wide, dtype=np.int64)))  # before each chunk
    starts = np.concatenate(([0], ends[:-1, 2] + 1)) if documents else np.empty(0, np.int64)
    ends_at = place[ends]
    begins = np.column_stack((place[starts], place[ends[:, :2] + 1]))
    field_widths = ends_at - begins
    chunk = np.repeat(np.arange(len(stream)), counts)
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[stream[chunk]]
    position = place[chunk] - place[starts][document[chunk]] + offsets[inside]
    rank, document = ranks[terms[inside]], document[chunk]
    order = np.argsort(rank, kind="stable")
    rank, document, position = rank[order], document[order], position[order]
    new = np.append(True, (rank[1:] != rank[:-1]) | (document[1:] != document[:-1]))[: len(rank)]
    title = field_widths[document, 0]
    in_title, in_lead = position < title, (position > title) & (position <= title + field_widths[document, 1])
    posting = np.cumsum(new) - 1
    many = int(new.sum())
    return (
        np.bincount(rank[new], minlength=number).astype(np.int64).tobytes(),
        np.bincount(rank, minlength=number).astype(np.int64).tobytes(),
        document[new].astype(np.uint32).tobytes(),
        *(
            np.bincount(posting[which], minlength=many).astype(np.uint32).tobytes()
            for which in (slice(None), in_title, in_lead)
        ),
        position.astype(np.uint32).tobytes(),
        field_widths.astype(np.int64).tobytes(),
    )


# -- fingerprints ---------------------------------------------------------------------------------------------

_RUN = 4  # syllables
_READ = 300  # syllables at a text's beginning: what is syndicated begins alike


def fingerprints(
    stream: Array, begins: Array, stops: Array, first: Array, hashes: Array, multipliers: Array, found: Array
) -> None:
    """Sets the fingerprint of each text, as `text.fingerprint` says; 0 for one of fewer than four syllables.

    Text n is the chunks begins[n]..stops[n] of `stream`; chunk c has hashes[first[c]:first[c + 1]].
    Types: int32, int64, int64, int64, uint32, uint32, uint64.
    """
    for text, (begin, stop) in enumerate(zip(begins.tolist(), stops.tolist(), strict=True)):
        rows = [hashes[first[chunk] : first[chunk + 1]] for chunk in stream[begin:stop]]
        codes = np.concatenate([*rows, hashes[:0]])[:_READ]
        runs = len(codes) - _RUN + 1
        if runs < 1:
            found[text] = 0
            continue
        value = codes[:runs].copy()
        for place in range(1, _RUN):
            value *= np.uint32(0x01000193)  # FNV-1's prime
            value ^= codes[place : place + runs]
        value ^= value >> np.uint32(15)
        smallest = np.min(value[:, None] * multipliers, axis=0)
        smallest ^= smallest >> np.uint32(16)
        found[text] = sum(int(order & 15) << 4 * place for place, order in enumerate(smallest.tolist()))


# -- how words stand together ----------------------------------------------------------------------------------

_OCCURRENCE = np.dtype([("document", "<i4"), ("position", "<i4"), ("word", "<i4"), ("code", "<i4")])


def beside(occurrences: bytes, partners: Array, read: Array, sample: Array, counts: Array) -> None:
    """Adds to `counts` (3 x codes, float32) the sample's weight of the documents in which each code of the words to be
    read occurs, in which it does before a word that is its partner, and after a word whose partner it is.

    occurrences: of `ranking.occurrences.OCCURRENCE`, in order.  partners: words x words, bool: whether the second
    stands after the first in the query.  read: one bool a word.  sample: one float32 a document.
    """
    found = np.frombuffer(occurrences, _OCCURRENCE)
    word, keys = found["word"], _keys(found)
    mine = read[word]
    followed, preceded = np.zeros(len(found), bool), np.zeros(len(found), bool)
    for first, second in zip(*partners.nonzero(), strict=True):
        one, other = (word == first).nonzero()[0], (word == second).nonzero()[0]
        followed[one[np.isin(keys[one] + 1, keys[other])]] = True
        preceded[other[np.isin(keys[other] - 1, keys[one])]] = True
    for row, which in zip(counts.reshape(3, -1), (mine, mine & followed, mine & preceded), strict=True):
        both = distinct(np.sort(found["code"][which].astype(np.int64) << 32 | found["document"][which]))
        np.add.at(row, both >> 32, sample[both & 0xFFFFFFFF])


def look(
    occurrences: bytes, pairs: Array, weights: Array, dropped: Array, titles: Array, norm: Array, sample: Array,
    first: Array, ends: Array, more: float, factors: tuple[float, float, float, float, float, float, float],
    windows: tuple[int, int, int],
) -> tuple[bytes, bytes, bytes]:  # fmt: skip
    """What documents have of the words of a query, each worth its weight; float32:

    for each word, then for each pair, in how many documents of the sample it occurs; for each pair and document
    more n / (n + norm), n being how often the second word stands right after the first; for each document the sum of
    cover, near, close, early, title and sentence, as `ranking.proximity` has them.

    pairs: words, two for each.  dropped: one bool a code, whether it does not count.  titles: for each document the
    positions of its title.  sample: 1 for the documents of the sample, else 0.  first, ends: CSR, one position
    after the last of each sentence of each document (int64, uint32).  factors: what each part of the sum counts, and
    what a position of a sentence adds to what its part is divided by; windows: positions that are close, near, early.
    """
    found = np.frombuffer(occurrences, _OCCURRENCE)
    found = found[~dropped[found["code"]]]
    document, position, word, keys = found["document"], found["position"], found["word"], _keys(found)
    cover, near, close, early, title, sentence, longer = map(np.float32, factors)
    words, nothing, size = len(weights), np.float32(0), (len(weights), len(norm))
    rest, has, is_early, in_title = np.zeros(len(norm), np.float32), *(np.zeros(size, bool) for _ in range(3))
    has[word, document] = True
    is_early[word[position < windows[2]], document[position < windows[2]]] = True
    titled = position < titles[document]
    in_title[word[titled], document[titled]] = True
    own_keys = [distinct(keys[word == number]) for number in range(words)]
    for number in range(words):
        own = cover + np.where(is_early[number], early, nothing) + np.where(in_title[number], title, nothing)
        rest += np.where(has[number], weights[number] * own, nothing)
    best = []
    for width in windows[:2]:
        sums = np.zeros(len(found), np.float32)
        for number, own in enumerate(own_keys):
            following = own.searchsorted(keys)
            within = following < len(own)
            within[within] = own[following[within]] < keys[within] + width
            sums += np.where(within, weights[number], nothing)
        best.append(np.zeros(len(rest), np.float32))
        np.maximum.at(best[-1], document, sums)
    rest += best[0] * close + best[1] * near
    of_document = np.repeat(np.arange(len(norm)), np.diff(first))
    where = (of_document << 32 | ends).searchsorted(keys, side="right")  # the sentence of each occurrence
    told = np.zeros((len(ends), words), bool)
    inside = where < first[document + 1]
    told[where[inside], word[inside]] = True
    sums = np.zeros(len(ends), np.float32)
    for number in range(words):
        sums += np.where(told[:, number], weights[number], nothing)
    begins = np.concatenate((ends[:0], np.zeros(min(1, len(ends)), ends.dtype), ends[:-1]))
    begins[first[:-1][np.diff(first) > 0]] = 0
    best_told = np.zeros(len(rest), np.float32)
    np.maximum.at(best_told, of_document, sums / (1 + longer * (ends - begins).astype(np.float32)))
    rest += best_told * sentence
    counts = np.zeros((len(pairs) // 2, len(norm)), np.float32)
    for number, (first, second) in enumerate(pairs.reshape(-1, 2).tolist()):
        begins = own_keys[first][np.isin(own_keys[first] + 1, own_keys[second])]
        np.add.at(counts[number], begins >> 32, np.float32(1))
    number_of = np.concatenate((has, counts > 0)).astype(np.float32) @ sample
    return number_of.tobytes(), (np.float32(more) * counts / (counts + norm)).tobytes(), rest.tobytes()


def chances(
    table: tuple[Array, ...], least: float, numbers: Array, known: Array, alone: Array, sizes: Array, asked: Array,
    pairs: Array, triples: Array,
) -> None:  # fmt: skip
    """How probable syllables are after one another, in places in a row.

    table: as `suggest.language` has it; least: the share of what follows two that no triple tells, at least.
    numbers: of the syllables of all places; known, alone: how often each occurs there, how probable it is anywhere;
    sizes: how many each place has.

    pairs gets the chance of each syllable of a place after each of the place before it; triples, for each place of
    `asked`, the chance of each two places on after each two.
    """
    seconds, begins, levels, rest, thirds, third_begins, third_levels, count = table
    ends = np.cumsum(sizes)
    places = [slice(end - size, end) for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]
    behind: list[Array] = []
    number: list[Array] = []  # of each pair, -1 for none
    for first, second in pairwise(places):
        spans = ((begins[n], begins[n + 1]) for n in numbers[first].tolist())
        at = np.array([_among_sorted(seconds, int(begin), int(end), numbers[second]) for begin, end in spans])
        told = np.where(at < 0, np.float32(0), count[levels[at]]) / np.maximum(known[first, None], 1)
        behind.append(told + rest[numbers[first], None] * alone[None, second])
        number.append(at)
    found = []
    for step in asked.tolist():
        for pair, more in zip(number[step].ravel().tolist(), _cycled(behind[step + 1], sizes[step]), strict=True):
            begin, end = third_begins[pair : pair + 2].tolist() if pair >= 0 else (0, 0)
            mine = count[levels[pair]] if pair >= 0 else np.float32(0)
            counts = count[third_levels[begin:end]]
            all_ = float(np.cumsum(counts, dtype=np.float64)[-1]) if len(counts) else 0.0
            at = _among_sorted(thirds, begin, end, numbers[places[step + 2]])
            told = np.where(at < 0, np.float32(0), count[third_levels[at]])
            left = 1 - min(all_ / float(mine), 1 - least) if pair >= 0 else 1.0
            found.append(told / np.maximum(mine, told + np.float32(1e-9)) + left * more)
    pairs[:] = np.concatenate([pairs[:0], *(one.ravel() for one in behind)])
    triples[:] = np.concatenate([triples[:0], *found])


def in_a_row(
    places: bytes, codes: bytes, others: bytes, other_codes: bytes, end: int, before: Array, counts: Array
) -> None:
    """How often three spellings stand in a row, from where two do, as `Store.pairs` gives it: those of the second place
    and the third stand at `others`, with `other_codes`.

    Of the pairs before `end`, each is added to `before`, and those that the third stands behind to `counts`, which have
    an axis for each place.
    """
    mine, its = np.frombuffer(places, np.int64), np.frombuffer(others, np.int64)
    mine = mine[: mine.searchsorted(end)]
    code, behind = np.frombuffer(codes, np.uint8)[: len(mine)], np.frombuffer(other_codes, np.uint8)
    np.add.at(before, (code >> 4, code & 15), 1)
    at, there = find_in(its, mine + 1)
    np.add.at(counts, (code[there] >> 4, code[there] & 15, behind[at[there]] & 15), 1)


def weigh(
    whole: bool, sizes: Array, alone: Array, seen: tuple[tuple[Array, Array] | None, ...],
    threes: tuple[tuple[Array, Array] | None, ...], weights: tuple[float, float, float, float], pairs: Array,
    triples: Array,
) -> None:  # fmt: skip
    """Weighs in, with the chances of a language, what an index says of some places in a row, by absolute discounting.

    seen: for each place but the last (how often each of its spellings, or each of them where the next place has some
    spellings, occurs; how often each of the next place follows it), or None: then nothing is changed.  threes: for each
    place but the last two (how often two stand side by side, three), where these are known.
    alone: how probable each spelling of all places is anywhere.  weights: of the index, the rest is the language's;
    what is taken from counts of pairs, and of triples; of what occurs n times, n to which power others follow it.
    pairs (only those of the first two places), triples: see `chances`.  Where there is but one sequence of three, and
    not `whole`, it is left out of `triples`.
    """
    index, discount, triple_discount, kinds = weights

    def weighed(told: Array, often: Array, own: Array) -> Array:
        return np.where(often > 0, index * own + (1 - index) * told, told)

    ends, begin = np.cumsum(sizes).tolist(), 0
    for place, pair in enumerate(seen):
        shape = tuple(sizes[max(0, place - 1) : place + 2].tolist())
        told = pairs[: prod(shape)] if not place else triples[begin : begin + prod(shape)]
        if place and not whole and prod(shape) == 1:
            continue
        begin += prod(shape) if place else 0
        if pair is None:
            continue
        often = pair[0].reshape(shape[-2], -1)
        some = np.array([own**kinds for own in often.ravel().tolist()]).reshape(often.shape)  # to the last bit
        rest = discount * some * alone[ends[place] : ends[place + 1]]
        own = (np.maximum(pair[1].reshape(shape[-2:]) - discount, 0) + rest) / np.maximum(often, 1)
        if place and (three := threes[place - 1]):
            met, counts = three[0].reshape(*shape[:2], 1), three[1].reshape(shape)
            found = np.maximum(counts - triple_discount, 0) / np.maximum(met, 1)
            own = np.where(met > 0, found + triple_discount * own, own)
        told[:] = weighed(told.reshape(shape), often, own).ravel()


def through(
    order: int, whole: bool, sizes: Array, alone: Array, pairs: Array, triples: Array, cost: Array, at: Array,
    worth: Array, steps: Array, found: Array,
) -> None:  # fmt: skip
    """For each spelling of some places in a row the score of the best sequence that it is in.

    alone, pairs, triples: the chances of the first place's spellings, of each one's of each (order 3: the second) place
    behind each of the place before it, and, order 3, of each other place's behind each two; see `chances`.  Where there
    is but one sequence of three, and not `whole`, it is left out and costs nothing.  cost: of each spelling.
    steps gets, for each place, the logarithms of the chances of each of its spellings behind each of the order - 1
    places before it, as far as there are such, with what the spelling costs; the last one varies quickest.  What some
    are worth beyond that is added in turn: steps[at] += worth.
    sizes: how many spellings each place has.  Types: int64 and float64.
    """
    tables, given = _tables(order, sizes, steps), {0: alone[: sizes[0]], 1: pairs, 2: triples}
    used = [0, 0, 0]
    for place, (table, own) in enumerate(zip(tables, np.split(cost, np.cumsum(sizes)[:-1]), strict=True)):
        table[...] = 0
        if place < 2 or order == 2 or whole or table.size > 1:
            kind = min(place, 1 if order == 2 else 2)
            chances = given[kind][used[kind] : used[kind] + table.size]
            table += np.array([math.log(one) for one in chances.tolist()]).reshape(table.shape)  # to the last bit
            table += own
            used[kind] += table.size
    np.add.at(steps, at, worth)
    forward = [tables[0] if order == 2 else tables[0][None]]
    for table in tables[1:]:
        forward.append((forward[-1][..., None] + (table if order == 2 or table.ndim == 3 else table[None])).max(0))
    backward = np.zeros_like(forward[-1])
    best = []
    for table, mine in zip(tables[::-1], forward[::-1], strict=True):
        best.append((mine + backward).reshape(-1, mine.shape[-1]).max(0))
        backward = (table + backward).max(-1)
    found[:] = np.concatenate(best[::-1])


def sequences(sizes: Array, steps: Array, scores: Array, found: Array) -> int:
    """The best sequences through places in a row, the best first; returns how many.

    steps: as `through` leaves them, order 3.  scores gets their scores, at most so many; `found`, for each, its
    spelling of each place.  At each place only so many are followed; of equals those with the first spellings.
    """
    most, tables = len(scores), _tables(3, sizes, steps)
    paths: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    for place, table in enumerate(tables):
        rows = table.tolist()
        made = []
        for score, path in paths:
            row = rows
            for before in path[-2:]:
                row = row[before]
            made += [(score + more if path else more, (*path, n)) for n, more in enumerate(row)]
        if place == len(tables) - 1 or place > 1 and len(made) > most:
            made = sorted(made, key=itemgetter(0), reverse=True)[:most]
        paths = made
    for n, (score, path) in enumerate(paths):
        scores[n], found[n * len(tables) : (n + 1) * len(tables)] = score, path
    return len(paths)


def _tables(order: int, sizes: Array, steps: Array) -> list[Array]:
    """The part of each place, an axis for each place before it and for itself."""
    shapes = [sizes[max(0, place + 1 - order) : place + 1].tolist() for place in range(len(sizes))]
    ends = np.cumsum([prod(shape) for shape in shapes]).tolist()
    return [steps[end - prod(shape) : end].reshape(shape) for end, shape in zip(ends, shapes, strict=True)]


def _among_sorted(syllables: Array, begin: int, end: int, wanted: Array) -> Array:
    """Where each stands in begin..end, ascending; -1 for nowhere."""
    at, there = find_in(syllables[begin:end], wanted)
    return np.where(there, at + begin, -1)


def _cycled(rows: Array, times: int) -> Array:
    return np.tile(rows, (times, 1))


def _keys(found: Array) -> Array:
    keys: Array = found["document"].astype(np.int64) << 32 | found["position"]
    return keys
