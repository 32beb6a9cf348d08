/* The best sequences of spellings through places in a row: see `suggest.chain`. */
#include "native.h"

#include <math.h>

enum { WIDEST = 1 << 12 }; /* spellings of a place */

/* The chances of a place: of each of its spellings behind each of the order - 1 places before it, as far as there are
   such.  The last one varies quickest. */
typedef struct {
    const int64_t *sizes;
    int64_t places, order;
    int64_t *begins; /* of each place's chances, and the end */
} Shape;

static inline int64_t size_of(const Shape *s, int64_t place)
{
    return place < 0 ? 1 : s->sizes[place];
}

/* The spellings of the places that come before one among its chances: all of them together. */
static inline int64_t behind_of(const Shape *s, int64_t place)
{
    return size_of(s, place - 1) * (s->order == 3 ? size_of(s, place - 2) : 1);
}

static int shape_open(Shape *s, const Span *sizes, int64_t order, int64_t steps)
{
    *s = (Shape){ITEMS(*sizes, int64_t), sizes->n, order, NULL};
    if (!(s->begins = malloc(((size_t)sizes->n + 1) * sizeof(int64_t)))) {
        PyErr_NoMemory();
        return -1;
    }
    int64_t sum = 0, fits = s->places > 0 && s->places <= 1 << 16 && (order == 2 || order == 3);
    for (int64_t i = 0; i < s->places && fits; i++) {
        fits = s->sizes[i] > 0 && s->sizes[i] <= WIDEST;
        s->begins[i] = sum;
        sum += fits ? behind_of(s, i) * s->sizes[i] : 0;
        s->begins[i + 1] = sum;
    }
    if (fits && sum == steps)
        return 0;
    PyErr_SetString(PyExc_ValueError, "the places of a query and the chances of their sequences do not fit together");
    return -1;
}

/* How many chances of threes there are from this place on, as `twins.chances` gives them. */
static inline int64_t threes_from(const Shape *s, int whole, int64_t place)
{
    int64_t all = s->sizes[place] * s->sizes[place + 1] * s->sizes[place + 2];
    return whole || all > 1 ? all : 0;
}

static void make_steps(const Shape *s, int whole, const double *alone, const double *pairs, const double *triples,
                       const double *cost, double *step)
{
    for (int64_t i = 0; i < s->places; cost += s->sizes[i++]) {
        int64_t behind = behind_of(s, i), size = s->sizes[i];
        const double **from = i == 0 ? &alone : i == 1 || s->order == 2 ? &pairs : &triples;
        if (i > 1 && s->order == 3 && !threes_from(s, whole, i - 2)) {
            *step++ = 0;
            continue;
        }
        for (int64_t j = 0; j < behind; j++)
            for (int64_t k = 0; k < size; k++)
                *step++ = log(*(*from)++) + cost[k];
    }
}

static inline void raise_to(double *greatest, double other)
{
    if (other > *greatest)
        *greatest = other;
}

/* forward: for each place, each of its spellings behind each of the place before it (order 2: whatever is), the best
   that leads there; laid out like the chances of order - 1 places. */
static void follow(const Shape *s, const double *steps, double *forward, double *backward, double *found)
{
    int64_t before = 0, at = 0, all = 0; /* where the forward scores of the place before and of this one begin */
    for (int64_t i = 0; i < s->places; i++) {
        int64_t size = s->sizes[i], middle = s->order == 3 ? size_of(s, i - 1) : 1;
        int64_t first = behind_of(s, i) / middle;
        const double *step = steps + s->begins[i];
        before = at;
        at = all;
        all += middle * size;
        for (int64_t n = 0; n < middle * size; n++)
            forward[at + n] = -INFINITY;
        for (int64_t a = 0; a < first; a++)
            for (int64_t b = 0; b < middle; b++)
                for (int64_t c = 0; c < size; c++)
                    raise_to(forward + at + b * size + c, i ? forward[before + a * middle + b] + *step++ : *step++);
    }
    double *last = found;
    for (int64_t i = 0; i < s->places; i++)
        last += s->sizes[i];
    double *other = backward + all;
    for (int64_t i = s->places - 1; i >= 0; i--) {
        int64_t size = s->sizes[i], middle = s->order == 3 ? size_of(s, i - 1) : 1;
        all -= middle * size;
        last -= size;
        for (int64_t c = 0; c < size; c++)
            last[c] = -INFINITY;
        for (int64_t b = 0; b < middle; b++)
            for (int64_t c = 0; c < size; c++) {
                if (i == s->places - 1)
                    backward[b * size + c] = 0;
                raise_to(last + c, forward[all + b * size + c] + backward[b * size + c]);
            }
        int64_t first = behind_of(s, i) / middle;
        const double *step = steps + s->begins[i];
        for (int64_t a = 0; a < first; a++)
            for (int64_t b = 0; b < middle; b++) {
                double best = -INFINITY;
                for (int64_t c = 0; c < size; c++)
                    raise_to(&best, *step++ + backward[b * size + c]);
                other[a * middle + b] = best;
            }
        double *swap = backward;
        backward = other;
        other = swap;
    }
}

/* through(order, whole, sizes, alone, pairs, triples, cost, at, worth, steps, found): see `twins.through`. */
static PyObject *through(PyObject *module, PyObject *args)
{
    (void)module;
    enum { SIZES, ALONE, PAIRS, TRIPLES, COST, AT, WORTH, STEPS, FOUND, SPANS };
    PyObject *objects[SPANS], *result = NULL;
    int order, whole;
    if (!PyArg_ParseTuple(args, "ipOOOOOOOOO", &order, &whole, objects, objects + 1, objects + 2, objects + 3, objects + 4,
                          objects + 5, objects + 6, objects + 7, objects + 8))
        return NULL;
    Span s[SPANS] = {{.held = 0}};
    Shape shape = {.begins = NULL};
    double *room = NULL;
    for (int i = 0; i < SPANS; i++)
        if (span_open(s + i, objects[i], 8, i >= STEPS) < 0)
            goto done;
    if (shape_open(&shape, s + SIZES, order, s[STEPS].n) < 0)
        goto done;
    int64_t all = 0, wide = 0, pairs = 0, triples = 0, fits = s[AT].n == s[WORTH].n;
    for (int64_t i = 0; i < shape.places; i++) {
        all += shape.sizes[i];
        wide += shape.sizes[i] * (order == 3 ? size_of(&shape, i - 1) : 1);
        pairs += i == 1 || (i && order == 2) ? shape.sizes[i - 1] * shape.sizes[i] : 0;
        triples += i > 1 && order == 3 ? threes_from(&shape, whole, i - 2) : 0;
    }
    for (int64_t i = 0; i < s[AT].n && fits; i++)
        fits = ITEMS(s[AT], int64_t)[i] >= 0 && ITEMS(s[AT], int64_t)[i] < s[STEPS].n;
    if (!fits || all != s[COST].n || all != s[FOUND].n || s[ALONE].n < shape.sizes[0] || s[PAIRS].n < pairs ||
        s[TRIPLES].n != triples) {
        PyErr_SetString(PyExc_ValueError, "the places of a query and what their spellings cost do not fit together");
        goto done;
    }
    if (!(room = malloc(3 * (size_t)wide * sizeof(double)))) {
        PyErr_NoMemory();
        goto done;
    }
    double *steps = ITEMS(s[STEPS], double);
    make_steps(&shape, whole, ITEMS(s[ALONE], double), ITEMS(s[PAIRS], double), ITEMS(s[TRIPLES], double),
               ITEMS(s[COST], double), steps);
    for (int64_t i = 0; i < s[AT].n; i++)
        steps[ITEMS(s[AT], int64_t)[i]] += ITEMS(s[WORTH], double)[i];
    follow(&shape, steps, room, room + wide, ITEMS(s[FOUND], double));
    result = Py_NewRef(Py_None);
done:
    free(room);
    free(shape.begins);
    span_close(s, SPANS);
    return result;
}

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
    Shape shape = {.begins = NULL};
    double *room = NULL;
    for (int i = 0; i <= TRIPLES; i++)
        if (span_open(s + i, objects[i], 8, i >= PAIRS) < 0)
            goto done;
    const int64_t *sizes = ITEMS(s[SIZES], int64_t);
    int64_t places = s[SIZES].n, all = 0, widest = 0, triples = 0, fits = places > 1;
    shape.sizes = sizes;
    for (int64_t i = 0; i < places && fits; i++) {
        fits = sizes[i] > 0 && sizes[i] <= WIDEST;
        all += sizes[i];
        widest = i && sizes[i - 1] * sizes[i] > widest ? sizes[i - 1] * sizes[i] : widest;
        triples += i > 1 && fits ? threes_from(&shape, whole, i - 2) : 0;
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
        int64_t a = p ? sizes[p - 1] : 1, b = sizes[p], c = sizes[p + 1], number = p ? threes_from(&shape, whole, p - 1) : b * c;
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
            if (met > 0)
                own = above(ITEMS(s[THREE], double)[i], w.triple_discount) / (met > 1 ? met : 1) + w.triple_discount * own;
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

/* A sequence up to some place: the one up to the place before, and its last spelling. */
typedef struct {
    double score;
    int64_t before, spelling;
} Sequence;

/* The best of some sequences, the best first; of equals those that come first. */
static int64_t best_of(Sequence *all, int64_t number, int64_t most)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < number; i++) {
        if (kept == most && !(all[i].score > all[kept - 1].score))
            continue;
        Sequence own = all[i];
        int64_t at = kept < most ? kept++ : kept - 1;
        for (; at && all[at - 1].score < own.score; at--)
            all[at] = all[at - 1];
        all[at] = own;
    }
    return kept;
}

/* Fills scores and rows, each of `places` spellings; returns how many. */
static int64_t walk(const Shape *s, const double *steps, int64_t most, Sequence *own, Sequence *next, int64_t *rows,
                    int64_t *others, double *scores, int64_t *found)
{
    int64_t number = 1;
    own[0] = (Sequence){.score = 0};
    for (int64_t i = 0; i < s->places; i++) {
        int64_t size = s->sizes[i], made = 0;
        for (int64_t n = 0; n < number; n++) {
            const int64_t *row = rows + n * s->places;
            int64_t behind = i ? row[i - 1] + (i > 1 ? row[i - 2] * s->sizes[i - 1] : 0) : 0;
            const double *step = steps + s->begins[i] + behind * size;
            for (int64_t c = 0; c < size; c++)
                next[made++] = (Sequence){i ? own[n].score + step[c] : step[c], n, c};
        }
        if ((i > 1 && made > most) || i == s->places - 1)
            made = best_of(next, made, most);
        for (int64_t n = 0; n < made; n++) {
            memcpy(others + n * s->places, rows + next[n].before * s->places, (size_t)i * sizeof(int64_t));
            others[n * s->places + i] = next[n].spelling;
        }
        int64_t *swap = rows;
        rows = others;
        others = swap;
        Sequence *swapped = own;
        own = next;
        next = swapped;
        number = made;
    }
    for (int64_t n = 0; n < number; n++)
        scores[n] = own[n].score;
    memcpy(found, rows, (size_t)(number * s->places) * sizeof(int64_t));
    return number;
}

/* sequences(sizes, steps, scores, found) -> how many: see `twins.sequences`. */
static PyObject *sequences(PyObject *module, PyObject *args)
{
    (void)module;
    enum { SIZES, STEPS, SCORES, FOUND, SPANS };
    PyObject *objects[SPANS], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOO", objects, objects + 1, objects + 2, objects + 3))
        return NULL;
    Span s[SPANS] = {{.held = 0}};
    Shape shape = {.begins = NULL};
    Sequence *own = NULL;
    int64_t *rows = NULL;
    for (int i = 0; i < SPANS; i++)
        if (span_open(s + i, objects[i], 8, i >= SCORES) < 0)
            goto done;
    if (shape_open(&shape, s + SIZES, 3, s[STEPS].n) < 0)
        goto done;
    int64_t most = s[SCORES].n, widest = shape.sizes[0], kept = shape.sizes[0]; /* made at once, left of them */
    if (most < 1 || most > WIDEST || s[FOUND].n != most * shape.places) {
        PyErr_SetString(PyExc_ValueError, "expected room for one sequence at least");
        goto done;
    }
    for (int64_t i = 1, left = kept; i < shape.places; i++) {
        int64_t made = left * shape.sizes[i];
        widest = made > widest ? made : widest;
        left = i > 1 && made > most ? most : made;
        kept = left > kept ? left : kept;
    }
    own = malloc(2 * (size_t)widest * sizeof(Sequence));
    rows = malloc(2 * (size_t)(kept * shape.places) * sizeof(int64_t));
    if (!own || !rows) {
        PyErr_NoMemory();
        goto done;
    }
    int64_t number = walk(&shape, ITEMS(s[STEPS], double), most, own, own + widest, rows, rows + kept * shape.places,
                          ITEMS(s[SCORES], double), ITEMS(s[FOUND], int64_t));
    result = PyLong_FromLongLong(number);
done:
    free(own);
    free(rows);
    free(shape.begins);
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

PyMethodDef chain_methods[] = {
    {"in_a_row", in_a_row_of, METH_VARARGS, NULL},
    {"through", through, METH_VARARGS, NULL},
    {"sequences", sequences, METH_VARARGS, NULL},
    {"weigh", weigh, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
