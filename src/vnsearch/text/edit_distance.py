"""How far two words are apart, in letters added, left out or changed (Levenshtein 1966)."""


def within(a: str, b: str, edits: int) -> bool:
    """Whether at most `edits` letters added, left out or changed make a into b.

    >>> within("thủy", "thủ", 1), within("thủy", "thu", 1)
    (True, False)
    """
    if abs(len(a) - len(b)) > edits:
        return False
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
        if min(row) > edits:
            return False
    return row[-1] <= edits
