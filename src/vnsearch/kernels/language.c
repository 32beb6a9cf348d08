/* How probable syllables are behind one another in the language: see `suggest.language`. */
#include "native.h"

enum { KEYS, COUNTS, REST, TRIPLE_KEYS, TRIPLE_COUNTS, TRIPLE_REST, NUMBERS, KNOWN, ALONE, SIZES, ASKED, PAIRS, TRIPLES, SPANS };
enum { BITS = 16 }; /* of a key for each syllable */

/* The first key of low..high that is not less. */
static int64_t pair_from(const Span *keys, int64_t low, int64_t high, uint32_t key)
{
    const uint32_t *own = ITEMS(*keys, uint32_t);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (own[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t triple_from(const Span *keys, int64_t low, int64_t high, int64_t key)
{
    const int64_t *own = ITEMS(*keys, int64_t);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (own[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The number of a pair among those that begin with its first syllable, low..high, or that of none. */
static int64_t pair_of(const Span *s, int64_t low, int64_t high, uint32_t first, uint32_t second)
{
    uint32_t key = first << BITS | second;
    int64_t at = pair_from(s + KEYS, low, high, key);
    return at < high && ITEMS(s[KEYS], uint32_t)[at] == key ? at : s[KEYS].n - 1;
}

static void begin_of(const Span *s, uint32_t first, int64_t *low, int64_t *high)
{
    *low = pair_from(s + KEYS, 0, s[KEYS].n - 1, first << BITS);
    *high = pair_from(s + KEYS, *low, s[KEYS].n - 1, first << BITS | 0xffffu);
    *high += *high < s[KEYS].n - 1 && ITEMS(s[KEYS], uint32_t)[*high] == (first << BITS | 0xffffu);
}

static void pairs_of(const Span *s, int64_t first, int64_t n, int64_t second, int64_t m, double *found)
{
    const uint32_t *numbers = ITEMS(s[NUMBERS], uint32_t);
    for (int64_t i = first; i < first + n; i++) {
        int64_t low, high;
        double known = ITEMS(s[KNOWN], double)[i], rest = ITEMS(s[REST], double)[numbers[i]];
        begin_of(s, numbers[i], &low, &high);
        for (int64_t j = second; j < second + m; j++) {
            int64_t pair = pair_of(s, low, high, numbers[i], numbers[j]);
            *found++ = (double)ITEMS(s[COUNTS], float)[pair] / (known > 1 ? known : 1) + rest * ITEMS(s[ALONE], double)[j];
        }
    }
}

/* behind: the chance of each third behind each second. */
static void triples_of(const Span *s, const int64_t *begins, const int64_t *sizes, const double *behind, double *found)
{
    const uint32_t *numbers = ITEMS(s[NUMBERS], uint32_t);
    for (int64_t i = begins[0]; i < begins[0] + sizes[0]; i++) {
        int64_t low, high;
        begin_of(s, numbers[i], &low, &high);
        for (int64_t j = 0; j < sizes[1]; j++) {
            int64_t pair = pair_of(s, low, high, numbers[i], numbers[begins[1] + j]);
            float count = ITEMS(s[COUNTS], float)[pair];
            double rest = ITEMS(s[TRIPLE_REST], double)[pair];
            int64_t last = s[TRIPLE_KEYS].n - 1, first = triple_from(s + TRIPLE_KEYS, 0, last, pair << BITS);
            int64_t end = triple_from(s + TRIPLE_KEYS, first, last, (pair + 1) << BITS);
            for (int64_t k = 0; k < sizes[2]; k++) {
                int64_t key = pair << BITS | numbers[begins[2] + k], at = triple_from(s + TRIPLE_KEYS, first, end, key);
                float told = at < end && ITEMS(s[TRIPLE_KEYS], int64_t)[at] == key ? ITEMS(s[TRIPLE_COUNTS], float)[at] : 0;
                float least = told + 1e-9f;
                *found++ = (double)(told / (count > least ? count : least)) + rest * behind[j * sizes[2] + k];
            }
        }
    }
}

/* chances(table, numbers, known, alone, sizes, asked, pairs, triples): see `twins.chances`. */
static PyObject *chances(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *table, *objects[SPANS], *result = NULL;
    if (!PyArg_ParseTuple(args, "O!OOOOOOO", &PyTuple_Type, &table, objects + NUMBERS, objects + KNOWN, objects + ALONE,
                          objects + SIZES, objects + ASKED, objects + PAIRS, objects + TRIPLES))
        return NULL;
    if (PyTuple_Size(table) != NUMBERS) {
        PyErr_Format(PyExc_ValueError, "expected a table of %d arrays", NUMBERS);
        return NULL;
    }
    static const Py_ssize_t items[SPANS] = {4, 4, 8, 8, 4, 8, 4, 8, 8, 8, 8, 8, 8};
    Span s[SPANS] = {{.held = 0}};
    int64_t *begins = NULL;
    for (int i = 0; i < SPANS; i++)
        if (span_open(s + i, i < NUMBERS ? PyTuple_GetItem(table, i) : objects[i], items[i], i >= PAIRS) < 0)
            goto done;
    const int64_t *sizes = ITEMS(s[SIZES], int64_t), *asked = ITEMS(s[ASKED], int64_t);
    int64_t places = s[SIZES].n, all = 0, pairs = 0, triples = 0, fits = 1;
    if (!(begins = malloc(2 * ((size_t)places + 1) * sizeof(int64_t)))) {
        PyErr_NoMemory();
        goto done;
    }
    int64_t *pair_begins = begins + places + 1;
    for (int64_t i = 0; i < places; i++) { /* few and small, unless they are wrong */
        fits &= sizes[i] > 0 && sizes[i] <= 1 << 16;
        begins[i] = all;
        pair_begins[i] = pairs;
        all += sizes[i];
        pairs += i + 1 < places ? sizes[i] * sizes[i + 1] : 0;
        if (!fits || all > 1 << 24)
            break;
    }
    for (int64_t i = 0; i < s[ASKED].n && fits; i++) {
        fits &= asked[i] >= 0 && asked[i] + 2 < places;
        triples += fits ? sizes[asked[i]] * sizes[asked[i] + 1] * sizes[asked[i] + 2] : 0;
    }
    fits &= all == s[NUMBERS].n && all == s[KNOWN].n && all == s[ALONE].n && pairs == s[PAIRS].n && triples == s[TRIPLES].n;
    fits &= s[KEYS].n > 0 && s[COUNTS].n == s[KEYS].n && s[TRIPLE_REST].n == s[KEYS].n && s[TRIPLE_KEYS].n > 0 &&
            s[TRIPLE_COUNTS].n == s[TRIPLE_KEYS].n;
    for (int64_t i = 0; i < s[NUMBERS].n && fits; i++)
        fits &= ITEMS(s[NUMBERS], uint32_t)[i] < s[REST].n && ITEMS(s[NUMBERS], uint32_t)[i] < 1 << BITS;
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "the places of a query and their tables do not fit together");
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    double *told = ITEMS(s[PAIRS], double), *found = ITEMS(s[TRIPLES], double);
    for (int64_t i = 0; i + 1 < places; i++)
        pairs_of(s, begins[i], sizes[i], begins[i + 1], sizes[i + 1], told + pair_begins[i]);
    for (int64_t i = 0; i < s[ASKED].n; i++) {
        const int64_t *own = sizes + asked[i];
        triples_of(s, begins + asked[i], own, told + pair_begins[asked[i] + 1], found);
        found += own[0] * own[1] * own[2];
    }
    Py_END_ALLOW_THREADS;
    result = Py_NewRef(Py_None);
done:
    free(begins);
    span_close(s, SPANS);
    return result;
}

PyMethodDef language_methods[] = {{"chances", chances, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
