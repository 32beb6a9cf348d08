"""What a person may be about to type: words of the index that begin so, and words that stand after those typed.

Words are pyvi's and single syllables; titles and running text both say what stands after what.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import Array, find_in
from ..index.segment_reader import Segment
from ..query.plan import Term
from ..suggest import language, slips
from ..suggest.dictionary import frequency
from ..suggest.likeliest import judge
from ..suggest.reading import read
from ..text.fold import fold, is_unmarked
from ..text.tokenize import folded_term, terms
from .terms import Terms

if TYPE_CHECKING:
    from .searcher import Engine
    from .segment_searcher import SegmentSearcher

_MOST_CANDIDATES = 40  # words, and as many syllables, that may stand after what is typed
_OFTEN, _BEGUN, _TRIED = 10, 10, 4  # articles with a word that is offered for its beginning alone; words of a beginning
# that are looked at, and compared
_RARE = 2e-6  # the chance of a word that rather is a slip of another one
_MOST_CONTINUED, _MOST_WHOLE = 4, 12  # syllables that are continued to whole words, words of each
_MOST_DOCUMENTS = 128  # of each segment that are asked what stands there
_LEAST, _MOSTLY = 0.05, 0.6  # of the first one's frequency; of a word's that it goes on as another
_MISSPELLED = 0.1  # of the frequency of what is spelled the same without marks
_JOINING = frozenset(
    "bị bởi các có còn cho của cũng do đã đang để đến được hay hoặc khi là lên mà mỗi một nên nếu này như nhưng những "
    "ở ra rằng rất rồi sẽ tại thì theo trên trong từ và vẫn vào về vì với".split()
)


def complete(engine: "Engine", prefix: str, limit: int) -> list[str]:
    """Completions of what is typed, with or without diacritics: words that begin so, in most articles first; then
    all but its last word followed by what most often stands after them and begins as the last one does.

    Where nothing does, the words before the last one are read (see `suggest.reading`): a slip in them is mended.  Where
    still nothing does, the last two begin a word, the first of them perhaps with a slip of the finger, and the words
    before are restored.
    """
    typed = [term for term, _ in terms(prefix)]
    if not typed:
        return []
    found = _completions(engine, typed, limit)
    if not found and len(typed) > 1:
        reading = read(engine.snapshot.segments, engine.context, " ".join(typed[:-1]))
        mended = [term for term, _ in terms(reading.text)] if reading else []
        if list(map(folded_term, mended)) != list(map(folded_term, typed[:-1])):
            found = _completions(engine, [*mended, typed[-1]], limit)
    return found or _apart(engine, typed)


def _completions(engine: "Engine", typed: list[str], limit: int) -> list[str]:
    found = chosen(_beginning(engine.snapshot.segments, typed, limit), limit)
    if len(found) < limit and len(typed) > 1:
        found += [text for text in chosen(_behind(engine, typed), limit, behind=len(typed) - 1) if text not in found]
    return found[:limit]


def _apart(engine: "Engine", typed: list[str]) -> list[str]:
    """The word that the last two typed begin, behind the others as they are read; the first of the two may have a slip.

    Nothing where that one is rather the end of a word that was begun before, or where several words begin so and none
    of them goes with the one before.
    """
    if len(typed) < 3:
        return []
    *before, head, last = map(folded_term, typed)
    if len(head) < 2 or not head.isalpha():
        return []
    segments, context = engine.snapshot.segments, engine.context
    heads = {head: 0.0}
    if context.chance(head) < _RARE:
        heads |= {slip.word: slip.cost for slip in slips.finger(head, context.known_folded.among)}
    words: dict[str, tuple[float, bool]] = {}  # how likely, and whether most words that begin so are this one
    for one, cost in heads.items():
        begun = max(context.words((before[-1], one)).get((0, 2), {}).values(), default=0)
        beginning = _beginning(segments, [one, last], _BEGUN)
        for word, articles in beginning.items():
            if articles >= _OFTEN and articles > begun:
                words[word] = cost + math.log(articles), articles > beginning.total() / 2
    found: dict[str, float] = {}
    for word in nlargest(_TRIED, words, key=lambda word: words[word]):
        reading = read(segments, context, " ".join([*typed[:-2], fold(word) if is_unmarked(typed[0]) else word]))
        said = [term for term, _ in terms(reading.text)] if reading else []
        text = " ".join(said)
        if text.endswith(f" {word}") and (words[word][1] or not _is_accident(text, len(before))):
            found[text] = judge(context, said) + heads[fold(word).split(" ")[0]]
    return nlargest(1, found, key=lambda text: found[text])


def chosen(found: Counter[str], limit: int, behind: int = 0) -> list[str]:
    """The most frequent ones; none is better than what is hardly ever meant.

    Left out: what is rare beside the first; a rare spelling of another one; words that only join others (và, của) at
    an end; the beginning of a word that mostly goes on as another one does (thành, where thành phố is).  Behind so
    many words: what is there by accident, since it follows the last of them less often than it occurs anywhere; a whole
    word comes before its first syllable.
    """
    worth = {text: n * (2 if behind and text.count(" ") > behind else 1) for text, n in found.items()}
    if behind:
        usual = max(worth.values(), default=0)
        found = Counter(
            {text: n for text, n in found.items() if worth[text] == usual > 2 or not _is_accident(text, behind)}
        )
    spelled = Counter[str]()
    for text, number in found.items():
        spelled[fold(text)] = max(number, spelled[fold(text)])
    best = sorted(found, key=lambda text: (-worth[text], text))
    least = max(2, _LEAST * worth[best[0]]) if best else 0
    goes_on = Counter[str]()
    for text in found:
        for at in (at for at, letter in enumerate(text) if letter == " "):
            goes_on[text[:at]] += found[text]
    kept = [
        text
        for text in best
        if (worth[text] >= least or text == best[0])
        and found[text] >= _MISSPELLED * spelled[fold(text)]
        and not (" " in text and text.rpartition(" ")[2] in _JOINING)
        and goes_on[text] < _MOSTLY * found[text]
    ]
    return kept[:limit]


def _is_accident(text: str, at: int) -> bool:
    """Whether the language has the two words that meet at a blank side by side less often than chance would."""
    first, second = map(language.number, text.split(" ")[at - 1 : at + 1])
    if language.unknown() in (first, second):
        return False  # names
    together = float(language.pairs([first], [second])[0])
    return together * language.total() < language.frequency(first) * language.frequency(second)


def _beginning(segments: Sequence[Segment], typed: list[str], limit: int) -> Counter[str]:
    """Words that begin as typed, and how many articles have each."""
    most = 4 * limit  # of each segment: a word that comes after these in every segment is rare in all
    listed = [dict(islice(_words(segment, typed), most)) for segment in segments]
    found = sum(map(Counter, listed), Counter[str]())
    for segment, words in zip(segments, listed, strict=True):
        for word in found.keys() - words.keys() if len(words) == most else ():
            found[word] += frequency([segment], word)
    return found


def _words(segment: Segment, typed: list[str]) -> Iterable[tuple[str, int]]:
    """(word, articles) of pyvi's words that begin as typed, the most frequent first."""
    exact, folded = " ".join(typed), " ".join(map(folded_term, typed))
    keys = segment.words_folded
    begin, end = keys.bisect(folded), keys.bisect(folded + "\U0010ffff")
    numbers = np.arange(begin, end) if is_unmarked(exact) else segment.words.beginning(exact, begin, end)
    counts = segment.data["word_df"][numbers].astype(np.int64)
    for at in np.argsort(-counts, kind="stable").tolist():
        yield segment.words[int(numbers[at])], int(counts[at])


def _behind(engine: "Engine", typed: list[str]) -> Counter[str]:
    """The words typed with what stands after them, and how often it does in a sample of articles."""
    *context, last = typed
    found = Counter[str]()
    for segment, ranked in zip(engine.snapshot.segments, engine.segments, strict=True):
        terms = [Term(text, not is_unmarked(text)) for text in context]
        documents, ends = ranked.phrases.ends_of([ranked.terms_of(term) for term in terms], _MOST_DOCUMENTS)
        if not len(ends):
            continue
        words = [word.split(" ") for word, _ in islice(_words(segment, [last]), _MOST_CANDIDATES)]
        candidates = dict.fromkeys(map(tuple, [*words, *_syllables(segment, context[-1], last)]))
        stands = _standing(ranked, candidates, documents, ends)
        whole = dict.fromkeys(_goes_on(segment, stands)).keys() - stands.keys()
        stands |= _standing(ranked, whole, documents, ends)
        spell = _spellings(segment, ranked, context, documents)
        for candidate, mine in stands.items():
            if len(mine):
                found[" ".join([*spell(mine), *candidate])] += len(mine)
    return found


def _syllables(segment: Segment, before: str, last: str) -> Iterator[tuple[str]]:
    """What begins as the last word typed: the most frequent, and what most often follows the word before in the
    language.
    """
    exact = not is_unmarked(last)
    starting = np.array(segment.starting_with(last, exact=exact), np.int64)
    common = starting[np.argsort(-segment.df[starting].astype(np.int64), kind="stable")[:_MOST_CANDIDATES]]
    yield from ((segment.terms[n],) for n in common.tolist())
    follows = Counter[str]()
    for spelling in language.spelled(before) if is_unmarked(before) else [before]:
        follows.update(language.following(spelling, folded_term(last)))
    yield from ((name,) for name, _ in follows.most_common(_MOST_CANDIDATES) if not exact or name.startswith(last))


def _goes_on(segment: Segment, stands: Mapping[tuple[str, ...], Array]) -> Iterator[tuple[str, ...]]:
    """Whole words and names that begin with a syllable that stands there."""
    alone = Counter({name: len(places) for (name, *more), places in stands.items() if not more and len(places) > 1})
    for name, _ in alone.most_common(_MOST_CONTINUED):
        words = (word for word, _ in _words(segment, [name, ""]) if word.startswith(f"{name} "))
        yield from (tuple(word.split(" ")) for word in islice(words, _MOST_WHOLE))


def _standing(
    ranked: "SegmentSearcher", candidates: Collection[tuple[str, ...]], documents: Array, ends: Array
) -> dict[tuple[str, ...], Array]:
    """For each candidate those of the places `ends` that it stands after.

    Syllable by syllable: what does not stand there with its first ones is looked for no further.
    """
    left: dict[tuple[str, ...], Array] = {(): ends}  # of the places, where these syllables stand after them
    for away in range(1, max(map(len, candidates), default=0) + 1):
        begun = {names[:away] for names in candidates if len(names) >= away}
        left |= dict.fromkeys(begun, ends[:0])
        begun = {names for names in begun if len(left[names[:-1]])}
        groups = {names[-1]: ranked.terms_of(Term(names[-1], True)) for names in begun}
        keys = dict(zip(groups, ranked.phrases.keys(list(groups.values()), documents), strict=True))
        for names in begun:
            before = left[names[:-1]]
            left[names] = before[find_in(keys[names[-1]], before + away)[1]]
    return {names: left[names] for names in candidates}


def _spellings(
    segment: Segment, ranked: "SegmentSearcher", context: list[str], documents: Array
) -> Callable[[Array], list[str]]:
    """The words typed, in the spelling that most often ends at some places."""
    known: list[tuple[list[str], list[Array]]] = []
    for text in context:
        numbers = segment.find_folded(text) if is_unmarked(text) else []
        groups: list[Terms] = [(n,) for n in numbers]
        found = ranked.phrases.keys(groups, documents) if len(groups) > 1 else []
        known.append(([segment.terms[n] for n in numbers] or [text], list(found)))

    def spell(ends: Array) -> list[str]:
        spelled = []
        for away, (names, places) in enumerate(reversed(known)):
            counts = [int(find_in(mine, ends - away)[1].sum()) for mine in places]
            spelled.append(names[int(np.argmax(counts))] if counts else names[0])
        return spelled[::-1]

    return spell
