/* Known phrases in the codes of many texts, and rows of a table one after the other.  Each function is defined by the
   one of the same name in twins.py; what stands in an array is checked before it is used as an index. */
#include "native.h"

typedef struct {
    const uint32_t *codes;
    int64_t n;
    const uint8_t *begins;
    int shift; /* of a hash of two codes, which leaves a place in `begins` */
    const uint64_t *steps;
    int64_t number_of_steps;
    const int64_t *first;
    const int32_t *numbers;
    int64_t nodes, roots;
} Trie;

enum { CODES, BEGINS, STEPS, FIRST, NUMBERS, TRIE };
static const Py_ssize_t trie_sizes[TRIE] = {4, 1, 8, 8, 4};

/* Opens the arrays of a trie; what `first` holds is checked where it is used. */
static int open_trie(Trie *trie, Span *s, PyObject **o)
{
    for (int i = 0; i < TRIE; i++)
        if (span_open(s + i, o[i], trie_sizes[i], 0) < 0)
            return -1;
    *trie = (Trie){ITEMS(s[CODES], uint32_t), s[CODES].n, ITEMS(s[BEGINS], uint8_t), 32, ITEMS(s[STEPS], uint64_t),
                   s[STEPS].n, ITEMS(s[FIRST], int64_t), ITEMS(s[NUMBERS], int32_t), s[NUMBERS].n,
                   s[NUMBERS].n - s[STEPS].n};
    int64_t slots = s[BEGINS].n;
    for (int64_t left = slots; left > 1; left /= 2)
        trie->shift--;
    int even = slots > 1 && !(slots & (slots - 1)) && trie->shift >= 0 && s[FIRST].n == trie->nodes + 1 && trie->roots >= 0;
    for (int64_t i = 0; even && i < trie->n; i++)
        even = trie->codes[i] < trie->roots;
    if (!even)
        PyErr_SetString(PyExc_ValueError, "the arrays of phrases do not fit together");
    return even ? 0 : -1;
}

static int may_begin(const Trie *trie, int64_t at)
{
    return at + 1 < trie->n && trie->begins[(trie->codes[at] * 0x9E3779B1u ^ trie->codes[at + 1] * 0x85EBCA6Bu) >> trie->shift];
}

/* The node behind `node` by a code; below 0 for none. */
static int64_t behind(const Trie *trie, int64_t node, uint32_t code)
{
    int64_t low = trie->first[node], high = trie->first[node + 1];
    uint64_t wanted = (uint64_t)node << 32 | code;
    if (low < 0 || high > trie->number_of_steps)
        return -1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (trie->steps[middle] == wanted)
            return trie->roots + middle;
        if (trie->steps[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static PyObject *find_phrases(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *o[TRIE], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOOO", o, o + 1, o + 2, o + 3, o + 4))
        return NULL;
    Span s[TRIE] = {{.held = 0}};
    Trie trie;
    Ints found = {0};
    int failed = 0;
    if (open_trie(&trie, s, o) < 0)
        goto done;
    Py_BEGIN_ALLOW_THREADS;
    for (int64_t at = 0; at < trie.n && !failed;) {
        int32_t best = trie.numbers[trie.codes[at]];
        int64_t length = best >= 0;
        if (may_begin(&trie, at)) {
            int64_t node = trie.codes[at];
            for (int64_t i = at + 1; i < trie.n && (node = behind(&trie, node, trie.codes[i])) >= 0; i++)
                if (trie.numbers[node] >= 0) {
                    best = trie.numbers[node];
                    length = i + 1 - at;
                }
        }
        if (length)
            failed = put_int(&found, at) < 0 || put_int(&found, length) < 0 || put_int(&found, best) < 0;
        at += length ? length : 1;
    }
    Py_END_ALLOW_THREADS;
    result = failed ? PyErr_NoMemory() : PyBytes_FromStringAndSize((char *)found.items, (Py_ssize_t)(8 * found.used));
done:
    free(found.items);
    span_close(s, TRIE);
    return result;
}

typedef struct {
    int64_t *times; /* of each number in this text */
    int64_t numbers;
    Ints found;
} Counts;

static void count(Counts *counts, int32_t number, int64_t more)
{
    if (number >= 0)
        counts->times[number] += more;
}

static int close_text(Counts *counts, int64_t text)
{
    for (int64_t number = 0; number < counts->numbers; number++) {
        if (!counts->times[number])
            continue;
        if (put_int(&counts->found, text) < 0 || put_int(&counts->found, number) < 0 ||
            put_int(&counts->found, counts->times[number]) < 0)
            return -1;
        counts->times[number] = 0;
    }
    return 0;
}

static int count_all(const Trie *trie, const int64_t *title_ends, const int64_t *ends, int64_t texts, int64_t in_title,
                     Counts *counts)
{
    int64_t at = 0;
    for (int64_t text = 0; text < texts; text++) {
        for (; at < trie->n && at <= ends[text]; at++) {
            int64_t more = at < title_ends[text] ? in_title : 1, node = trie->codes[at];
            count(counts, trie->numbers[node], more);
            if (may_begin(trie, at))
                for (int64_t i = at + 1; i < trie->n && (node = behind(trie, node, trie->codes[i])) >= 0; i++)
                    count(counts, trie->numbers[node], more);
        }
        if (close_text(counts, text) < 0)
            return -1;
    }
    return 0;
}

static PyObject *count_phrases(PyObject *module, PyObject *args)
{
    (void)module;
    enum { TITLE_ENDS = TRIE, ENDS, ALL };
    PyObject *o[ALL], *result = NULL;
    long long in_title, numbers;
    if (!PyArg_ParseTuple(args, "OOOOOOOLL", o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6, &in_title, &numbers))
        return NULL;
    Span s[ALL] = {{.held = 0}};
    Trie trie;
    Counts counts = {0};
    if (span_open(s + TITLE_ENDS, o[TITLE_ENDS], 8, 0) < 0 || span_open(s + ENDS, o[ENDS], 8, 0) < 0 ||
        open_trie(&trie, s, o) < 0)
        goto done;
    int even = s[TITLE_ENDS].n == s[ENDS].n && in_title > 0 && numbers >= 0 && numbers <= INT32_MAX;
    for (int64_t i = 0; even && i < trie.nodes; i++)
        even = trie.numbers[i] < numbers;
    if (!even) {
        PyErr_SetString(PyExc_ValueError, "the arrays of texts do not fit together");
        goto done;
    }
    counts.times = calloc((size_t)numbers + 1, sizeof(int64_t));
    counts.numbers = numbers;
    int failed = !counts.times;
    Py_BEGIN_ALLOW_THREADS;
    if (!failed)
        failed = count_all(&trie, ITEMS(s[TITLE_ENDS], int64_t), ITEMS(s[ENDS], int64_t), s[ENDS].n, in_title, &counts) < 0;
    Py_END_ALLOW_THREADS;
    result = failed ? PyErr_NoMemory()
                    : PyBytes_FromStringAndSize((char *)counts.found.items, (Py_ssize_t)(8 * counts.found.used));
done:
    free(counts.times);
    free(counts.found.items);
    span_close(s, ALL);
    return result;
}

static PyObject *gather_rows(PyObject *module, PyObject *args)
{
    (void)module;
    enum { FIRST, VALUES, ROWS, ALL };
    static const Py_ssize_t sizes[ALL] = {8, 4, 4};
    PyObject *o[ALL], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOO", o, o + 1, o + 2))
        return NULL;
    Span s[ALL] = {{.held = 0}};
    for (int i = 0; i < ALL; i++)
        if (span_open(s + i, o[i], sizes[i], 0) < 0)
            goto done;
    const int64_t *first = ITEMS(s[FIRST], int64_t);
    const int32_t *rows = ITEMS(s[ROWS], int32_t), *values = ITEMS(s[VALUES], int32_t);
    int64_t size = 0, end = s[FIRST].n - 1;
    int even = 1;
    for (int64_t i = 0; even && i < s[ROWS].n; i++) {
        int32_t row = rows[i];
        even = row >= 0 && row < end && first[row] >= 0 && first[row] <= first[row + 1] && first[row + 1] <= s[VALUES].n;
        size += even ? first[row + 1] - first[row] : 0;
    }
    if (!even) {
        PyErr_SetString(PyExc_ValueError, "the arrays of rows do not fit together");
        goto done;
    }
    result = size <= PY_SSIZE_T_MAX / 4 ? PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(4 * size)) : PyErr_NoMemory();
    if (!result)
        goto done;
    int32_t *out = (int32_t *)PyBytes_AsString(result);
    for (int64_t i = 0; i < s[ROWS].n; i++)
        for (int64_t at = first[rows[i]], stop = first[rows[i] + 1]; at < stop; at++)
            *out++ = values[at];
done:
    span_close(s, ALL);
    return result;
}

PyMethodDef phrase_methods[] = {
    {"find_phrases", find_phrases, METH_VARARGS, NULL},
    {"count_phrases", count_phrases, METH_VARARGS, NULL},
    {"gather_rows", gather_rows, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
