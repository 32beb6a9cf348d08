/* How probable syllables are behind one another in the language: see `suggest.language`. */
#include "native.h"

enum { SECONDS, BEGINS, LEVELS, REST, THIRDS, THIRD_BEGINS, THIRD_LEVELS, COUNT, NUMBERS, KNOWN, ALONE, SIZES, ASKED, PAIRS,
       TRIPLES, SPANS };

/* Where a syllable stands among low..high, ascending; below 0: nowhere. */
static int64_t place_of(const uint16_t *syllables, int64_t low, int64_t high, uint32_t wanted)
{
    if (low >= high)
        return -1;
    const uint16_t *own = syllables + low;
    for (int64_t left = high - low; left > 1;) { /* without a branch that depends on what is read */
        int64_t half = left / 2;
        own += own[half] <= wanted ? half : 0;
        left -= half;
    }
    return *own == wanted ? own - syllables : -1;
}

static int64_t pair_of(const Span *s, uint32_t first, uint32_t second)
{
    const int64_t *begins = ITEMS(s[BEGINS], int64_t);
    int64_t low = begins[first], high = begins[first + 1];
    return low < 0 || high > s[SECONDS].n ? -1 : place_of(ITEMS(s[SECONDS], uint16_t), low, high, second);
}

static inline float count_of(const Span *s, int levels, int64_t at)
{
    return at < 0 ? 0 : ITEMS(s[COUNT], float)[ITEMS(s[levels], uint8_t)[at]];
}

static void pairs_of(const Span *s, int64_t first, int64_t n, int64_t second, int64_t m, double *found)
{
    const uint32_t *numbers = ITEMS(s[NUMBERS], uint32_t);
    for (int64_t i = first; i < first + n; i++) {
        double known = ITEMS(s[KNOWN], double)[i], rest = ITEMS(s[REST], double)[numbers[i]];
        for (int64_t j = second; j < second + m; j++) {
            double told = count_of(s, LEVELS, pair_of(s, numbers[i], numbers[j]));
            *found++ = told / (known > 1 ? known : 1) + rest * ITEMS(s[ALONE], double)[j];
        }
    }
}

/* behind: the chance of each third behind each second. */
static void triples_of(const Span *s, const int64_t *begins, const int64_t *sizes, double least, const double *behind,
                       double *found)
{
    const uint32_t *numbers = ITEMS(s[NUMBERS], uint32_t), *thirds = ITEMS(s[THIRD_BEGINS], uint32_t);
    for (int64_t i = begins[0]; i < begins[0] + sizes[0]; i++)
        for (int64_t j = 0; j < sizes[1]; j++) {
            int64_t pair = pair_of(s, numbers[i], numbers[begins[1] + j]), low = 0, high = 0;
            float count = count_of(s, LEVELS, pair);
            if (pair >= 0) {
                high = thirds[pair + 1] < s[THIRDS].n ? thirds[pair + 1] : s[THIRDS].n;
                low = thirds[pair] < high ? thirds[pair] : high;
            }
            double all = 0, rest = 1;
            for (int64_t at = low; at < high; at++)
                all += count_of(s, THIRD_LEVELS, at);
            if (pair >= 0)
                rest = 1 - (all / count < 1 - least ? all / count : 1 - least);
            for (int64_t k = 0; k < sizes[2]; k++) {
                int64_t at = place_of(ITEMS(s[THIRDS], uint16_t), low, high, numbers[begins[2] + k]);
                float told = count_of(s, THIRD_LEVELS, at), atleast = told + 1e-9f;
                *found++ = (double)(told / (count > atleast ? count : atleast)) + rest * behind[j * sizes[2] + k];
            }
        }
}

/* chances(table, least, numbers, known, alone, sizes, asked, pairs, triples): see `twins.chances`. */
static PyObject *chances(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *table, *objects[SPANS], *result = NULL;
    double least;
    if (!PyArg_ParseTuple(args, "O!dOOOOOOO", &PyTuple_Type, &table, &least, objects + NUMBERS, objects + KNOWN, objects + ALONE,
                          objects + SIZES, objects + ASKED, objects + PAIRS, objects + TRIPLES))
        return NULL;
    if (PyTuple_Size(table) != NUMBERS) {
        PyErr_Format(PyExc_ValueError, "expected a table of %d arrays", NUMBERS);
        return NULL;
    }
    static const Py_ssize_t items[SPANS] = {2, 8, 1, 8, 2, 4, 1, 4, 4, 8, 8, 8, 8, 8, 8};
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
    fits &= s[BEGINS].n == s[REST].n + 1 && s[LEVELS].n == s[SECONDS].n && s[THIRD_BEGINS].n == s[SECONDS].n + 1 &&
            s[THIRD_LEVELS].n == s[THIRDS].n && s[COUNT].n == 256;
    for (int64_t i = 0; i < s[NUMBERS].n && fits; i++)
        fits &= ITEMS(s[NUMBERS], uint32_t)[i] < s[REST].n;
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
        triples_of(s, begins + asked[i], own, least, told + pair_begins[asked[i] + 1], found);
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
