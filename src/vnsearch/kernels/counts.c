/* What an index says of places in a row, from counts of pairs and of three: see `suggest.chain`. */
#include "chains.h"

#include <math.h>

/* What the index weighs beside the language; what is taken from the counts of pairs and of triples; the power of how often
   something occurs to which others follow it. */
typedef struct {
    double index, discount, triple_discount, kinds;
} Weights;

static inline double above(double count, double discount) { return count > discount ? count - discount : 0; }

static inline double weighed(const Weights *w, double known, double seen, double own)
{
    return seen > 0 ? w->index * own + (1 - w->index) * known : known;
}

/* Opens the two arrays of a tuple's item; 0 where that is None, below 0 with an exception. */
static int open_both(Span *spans, PyObject *tuple, Py_ssize_t at)
{
    PyObject *own = PyTuple_GetItem(tuple, at);
    if (!own || own == Py_None)
        return own ? 0 : -1;
    for (int i = 0; i < 2; i++) {
        PyObject *one = PyTuple_Check(own) ? PyTuple_GetItem(own, i) : NULL;
        if (!one) {
            PyErr_Clear();
            PyErr_SetString(PyExc_TypeError, "expected two arrays or None");
            return -1;
        }
        if (span_open(spans + i, one, 8, 0) < 0)
            return -1;
    }
    return 1;
}

/* What the index says of the spellings of a place (a) behind each of the one before it; those of the next are `alone`. */
static int chances_of(const Weights *w, const Span *following, const Span *counts, int64_t a, int64_t b, const double *alone,
                      double *seen, double *chance)
{
    if (counts->n != a * b || (following->n != a && following->n != a * b))
        return -1;
    for (int64_t i = 0; i < a; i++)
        for (int64_t j = 0; j < b; j++) {
            double often = ITEMS(*following, double)[following->n == a ? i : i * b + j];
            double rest = w->discount * pow(often, w->kinds) * alone[j];
            *chance++ = (above(ITEMS(*counts, double)[i * b + j], w->discount) + rest) / (often > 1 ? often : 1);
            *seen++ = often;
        }
    return 0;
}

/* weigh(whole, sizes, alone, seen, threes, weights, pairs, triples): see `twins.weigh`. */
static PyObject *weigh(PyObject *module, PyObject *args)
{
    (void)module;
    enum { SIZES, ALONE, PAIRS, TRIPLES, FOLLOWING, COUNTS, BEFORE, THREE, SPANS };
    PyObject *objects[4], *all_seen, *threes, *result = NULL;
    int whole;
    Weights w;
    if (!PyArg_ParseTuple(args, "pOOO!O!(dddd)OO", &whole, objects, objects + 1, &PyTuple_Type, &all_seen, &PyTuple_Type,
                          &threes, &w.index, &w.discount, &w.triple_discount, &w.kinds, objects + 2, objects + 3))
        return NULL;
    Span s[SPANS] = {{.held = 0}};
    double *room = NULL;
    for (int i = 0; i <= TRIPLES; i++)
        if (span_open(s + i, objects[i], 8, i >= PAIRS) < 0)
            goto done;
    const int64_t *sizes = ITEMS(s[SIZES], int64_t);
    int64_t places = s[SIZES].n, all = 0, widest = 0, triples = 0, fits = places > 1;
    for (int64_t i = 0; i < places && fits; i++) {
        fits = sizes[i] > 0 && sizes[i] <= WIDEST;
        all += sizes[i];
        widest = i && sizes[i - 1] * sizes[i] > widest ? sizes[i - 1] * sizes[i] : widest;
        triples += i > 1 && fits ? threes_from(sizes, whole, i - 2) : 0;
    }
    if (!fits || all != s[ALONE].n || s[PAIRS].n < sizes[0] * sizes[1] || triples != s[TRIPLES].n ||
        PyTuple_Size(all_seen) != places - 1 || PyTuple_Size(threes) != places - 2) {
        PyErr_SetString(PyExc_ValueError, "the places of a query and their chances do not fit together");
        goto done;
    }
    if (!(room = malloc(2 * (size_t)widest * sizeof(double)))) {
        PyErr_NoMemory();
        goto done;
    }
    double *told = ITEMS(s[PAIRS], double), *seen = room, *chance = room + widest;
    const double *alone = ITEMS(s[ALONE], double);
    for (int64_t p = 0; p + 1 < places; p++) { /* a pair, and the place before it, if any */
        int64_t a = p ? sizes[p - 1] : 1, b = sizes[p], c = sizes[p + 1];
        int64_t number = p ? threes_from(sizes, whole, p - 1) : b * c;
        alone += b;
        if (p == 1)
            told = ITEMS(s[TRIPLES], double);
        int has_pair = open_both(s + FOLLOWING, all_seen, p), has_three = p ? open_both(s + BEFORE, threes, p - 1) : 0;
        if (has_pair < 0 || has_three < 0)
            goto done;
        if ((has_pair && chances_of(&w, s + FOLLOWING, s + COUNTS, b, c, alone, seen, chance) < 0) ||
            (has_three && (s[BEFORE].n != a * b || s[THREE].n != a * b * c))) {
            PyErr_SetString(PyExc_ValueError, "the places of a query and their counts do not fit together");
            goto done;
        }
        for (int64_t i = 0; has_pair && i < number; i++) {
            double own = chance[i % (b * c)], met = has_three ? ITEMS(s[BEFORE], double)[i / c] : 0;
            double three = has_three ? ITEMS(s[THREE], double)[i] : 0;
            if (met > 0)
                own = (three < 2 ? 0 : above(three, w.triple_discount)) / (met > 1 ? met : 1) + w.triple_discount * own;
            told[i] = weighed(&w, told[i], seen[i % (b * c)], own);
        }
        told += number;
        span_close(s + FOLLOWING, SPANS - FOLLOWING);
    }
    result = Py_NewRef(Py_None);
done:
    free(room);
    span_close(s, SPANS);
    return result;
}

/* in_a_row(places, codes, others, other_codes, end, before, counts): see `twins.in_a_row`. */
static PyObject *in_a_row_of(PyObject *module, PyObject *args)
{
    (void)module;
    enum { PLACES, CODES, OTHERS, OTHER_CODES, BEFORE, COUNTS, SPANS };
    static const Py_ssize_t items[SPANS] = {8, 1, 8, 1, 8, 8};
    PyObject *objects[SPANS], *result = NULL;
    long long end;
    if (!PyArg_ParseTuple(args, "OOOOLOO", objects, objects + 1, objects + 2, objects + 3, &end, objects + 4, objects + 5))
        return NULL;
    Span s[SPANS] = {{.held = 0}};
    for (int i = 0; i < SPANS; i++)
        if (span_open(s + i, objects[i], items[i], i >= BEFORE) < 0)
            goto done;
    int64_t seconds = s[BEFORE].view.ndim == 2 ? s[BEFORE].view.shape[1] : 0;
    int64_t thirds = s[COUNTS].view.ndim == 3 ? s[COUNTS].view.shape[2] : 0, at = 0;
    int fits = s[PLACES].n == s[CODES].n && s[OTHERS].n == s[OTHER_CODES].n && s[COUNTS].n == s[BEFORE].n * thirds;
    const int64_t *places = ITEMS(s[PLACES], int64_t), *others = ITEMS(s[OTHERS], int64_t);
    for (int64_t i = 0; i < s[PLACES].n && places[i] < end && fits; i++) {
        int64_t second = ITEMS(s[CODES], uint8_t)[i] & 15, both = (ITEMS(s[CODES], uint8_t)[i] >> 4) * seconds + second;
        fits = second < seconds && both < s[BEFORE].n;
        if (!fits)
            break;
        ITEMS(s[BEFORE], double)[both]++;
        for (; at < s[OTHERS].n && others[at] - 1 < places[i]; at++)
            ;
        if (at == s[OTHERS].n || others[at] - 1 > places[i])
            continue;
        int64_t third = ITEMS(s[OTHER_CODES], uint8_t)[at] & 15;
        fits = third < thirds;
        if (fits)
            ITEMS(s[COUNTS], double)[both * thirds + third]++;
    }
    if (fits)
        result = Py_NewRef(Py_None);
    else
        PyErr_SetString(PyExc_ValueError, "where spellings stand and the room for their counts do not fit together");
done:
    span_close(s, SPANS);
    return result;
}

PyMethodDef count_methods[] = {
    {"in_a_row", in_a_row_of, METH_VARARGS, NULL}, {"weigh", weigh, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
