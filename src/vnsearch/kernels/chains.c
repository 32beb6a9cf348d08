/* The best sequences of spellings through places in a row: see `suggest.chain`. */
#include "chains.h"

#include <math.h>

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

static void make_steps(const Shape *s, int whole, const double *alone, const double *pairs, const double *triples,
                       const double *cost, double *step)
{
    for (int64_t i = 0; i < s->places; cost += s->sizes[i++]) {
        int64_t behind = behind_of(s, i), size = s->sizes[i];
        const double **from = i == 0 ? &alone : i == 1 || s->order == 2 ? &pairs : &triples;
        if (i > 1 && s->order == 3 && !threes_from(s->sizes, whole, i - 2)) {
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
        triples += i > 1 && order == 3 ? threes_from(shape.sizes, whole, i - 2) : 0;
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

PyMethodDef chain_methods[] = {
    {"through", through, METH_VARARGS, NULL}, {"sequences", sequences, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
