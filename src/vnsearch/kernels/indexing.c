/* What indexing does to whole batches: the word model's decoder, words, postings, fingerprints.  Each function is
   defined by the one of the same name in twins.py.  All arrays are the caller's; what stands in them is checked before
   it is used as an index.

   Longer than other files, since these steps of one batch share the checks of its arrays. */
#include "native.h"

static PyObject *wrong(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

static PyObject *bytes_of(const void *items, size_t size) { return PyBytes_FromStringAndSize(items, (Py_ssize_t)size); }

/* Whether all of n numbers lie in 0 <= number < end. */
static int all_below(const int32_t *numbers, int64_t n, int64_t end)
{
    for (int64_t i = 0; i < n; i++)
        if (numbers[i] < 0 || numbers[i] >= end)
            return 0;
    return 1;
}

/* Whether offsets ascend from 0 to at most `end`. */
static int ascend(const int64_t *offsets, int64_t n, int64_t end)
{
    int64_t before = 0;
    for (int64_t i = 0; i < n; i++) {
        if (offsets[i] < before)
            return 0;
        before = offsets[i];
    }
    return n > 0 && before <= end;
}

/* -- the word model ------------------------------------------------------------------------------------- */

typedef struct {
    double pair, pair_second, triple, triple_third, begin, end, low, high, bb, bi, ib, ii;
} Weights;

/* Where `key` stands in row `row` of the ascending numbers; below 0 for nowhere. */
static int64_t found_at(const Span *sorted, const Span *starts, int64_t row, int64_t key)
{
    if (row < 0 || row >= starts->n - 1)
        return -1;
    int64_t low = ITEMS(*starts, int64_t)[row], high = ITEMS(*starts, int64_t)[row + 1];
    if (low < 0 || high > sorted->n)
        return -1;
    const int64_t *numbers = ITEMS(*sorted, int64_t);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (numbers[middle] == key)
            return middle;
        if (numbers[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

static void viterbi(const double *scores, uint8_t *inside, int64_t n, int before, int after, const Weights *w,
                    double *leads)
{
    double change = before ? w->ii - w->ib : w->bi - w->bb;
    for (int64_t i = 0; i < n; i++) {
        double lead = leads[i] = scores[i] + change;
        double to_inside = lead + w->ii > w->bi ? lead + w->ii : w->bi;
        double to_begin = lead + w->ib > w->bb ? lead + w->ib : w->bb;
        change = to_inside - to_begin;
    }
    for (int64_t i = n; i--;)
        inside[i] = after = after ? leads[i] + w->ii > w->bi : leads[i] + w->ib > w->bb;
}

enum {
    AT, OWN, TO_RIGHT, TO_LEFT, PLACES, LEADS, TRAILS, KEYS, STARTS, IS_PAIR, TRIPLES, TRIPLE_STARTS, MAY_BE_KEY, INSIDE,
    DECODED
};

static void decode_all(Span *s, const Weights *w, double *scores, double *leads, uint8_t *kinds)
{
    int64_t n = s[AT].n, slots = s[MAY_BE_KEY].n;
    const int32_t *at = ITEMS(s[AT], int32_t);
    const int64_t *places = ITEMS(s[PLACES], int64_t);
    const uint8_t *may_be_key = ITEMS(s[MAY_BE_KEY], uint8_t), *is_pair = ITEMS(s[IS_PAIR], uint8_t);
    uint8_t *inside = ITEMS(s[INSIDE], uint8_t);
    for (int64_t i = 0; i < n; i++) { /* bit 1: a compound of two begins here, bit 2: one of three */
        kinds[i] = 0;
        if (i + 1 >= n)
            break;
        int64_t first = places[at[i]], second = places[at[i + 1]];
        if (!may_be_key[(uint64_t)(first * 40503 + second) & (uint64_t)(slots - 1)])
            continue;
        int64_t key = found_at(s + KEYS, s + STARTS, first, (int64_t)((uint64_t)first << 20) | second);
        if (key < 0)
            continue;
        kinds[i] = is_pair[key] ? 1 : 0;
        if (i + 2 < n && found_at(s + TRIPLES, s + TRIPLE_STARTS, key, key << 20 | places[at[i + 2]]) >= 0)
            kinds[i] |= 2;
    }
    for (int64_t i = 0; i < n; i++) {
        double score = ITEMS(s[OWN], double)[at[i]];
        if (i == 0)
            score += w->begin;
        if (i == n - 1)
            score += w->end;
        if (i && at[i - 1] == 0)
            score += w->begin;
        if (i < n - 1 && at[i + 1] == 0)
            score += w->end;
        if (i)
            score += ITEMS(s[TO_RIGHT], double)[at[i - 1]];
        if (i < n - 1)
            score += ITEMS(s[TO_LEFT], double)[at[i + 1]];
        if (kinds[i] & 1)
            score += w->pair;
        if (i && kinds[i - 1] & 1)
            score += w->pair_second;
        if (kinds[i] & 2)
            score += w->triple;
        if (i > 1 && kinds[i - 2] & 2)
            score += w->triple_third;
        scores[i] = score;
        inside[i] = score > w->high;
    }
    for (int64_t i = 0; i < n;) {
        int64_t first = i;
        while (i < n && scores[i] > w->low && !(scores[i] > w->high))
            i++;
        if (i > first)
            viterbi(scores + first, inside + first, i - first, first && inside[first - 1], i < n && inside[i], w, leads);
        else
            i++;
    }
    inside[0] = 0;
    for (int64_t i = 1; i < n; i++)
        inside[i] &= ITEMS(s[LEADS], int64_t)[at[i - 1]] >= ITEMS(s[TRAILS], int64_t)[at[i]];
}

static PyObject *decode(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *o[DECODED], *result = NULL;
    Weights w;
    if (!PyArg_ParseTuple(args, "OOOOOOOOOOOOOO(dddddddddddd)", o + AT, o + OWN, o + TO_RIGHT, o + TO_LEFT, o + PLACES,
                          o + LEADS, o + TRAILS, o + KEYS, o + STARTS, o + IS_PAIR, o + TRIPLES, o + TRIPLE_STARTS,
                          o + MAY_BE_KEY, o + INSIDE, &w.pair,
                          &w.pair_second, &w.triple, &w.triple_third, &w.begin, &w.end, &w.low, &w.high, &w.bb, &w.bi,
                          &w.ib, &w.ii))
        return NULL;
    static const Py_ssize_t sizes[DECODED] = {4, 8, 8, 8, 8, 8, 8, 8, 8, 1, 8, 8, 1, 1};
    Span s[DECODED] = {{.held = 0}};
    double *scores = NULL;
    uint8_t *kinds = NULL;
    for (int i = 0; i < DECODED; i++)
        if (span_open(s + i, o[i], sizes[i], i == INSIDE) < 0)
            goto done;
    int64_t n = s[AT].n, forms = s[OWN].n, slots = s[MAY_BE_KEY].n;
    int even = n > 0 && s[INSIDE].n == n && s[IS_PAIR].n == s[KEYS].n && slots && !(slots & (slots - 1));
    for (int i = TO_RIGHT; i <= TRAILS; i++)
        even = even && s[i].n == forms;
    if (!even || !all_below(ITEMS(s[AT], int32_t), n, forms)) {
        wrong("the arrays of the word model do not fit together");
        goto done;
    }
    scores = malloc((size_t)n * 2 * sizeof(double));
    kinds = malloc((size_t)n);
    if (!scores || !kinds) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    decode_all(s, &w, scores, scores + n, kinds);
    Py_END_ALLOW_THREADS;
    Py_INCREF(Py_None);
    result = Py_None;
done:
    free(scores);
    free(kinds);
    span_close(s, DECODED);
    return result;
}

/* -- words ---------------------------------------------------------------------------------------------- */

typedef struct {
    int32_t parent, part, count, last; /* last: document that has it */
} Node;

typedef struct {
    Node *nodes; /* node 0 is the empty word */
    size_t used, room;
    int32_t *slots; /* of nodes by parent and part; 0: free */
    size_t mask;
} Trie;

static int trie_slots(Trie *trie, size_t number)
{
    int32_t *slots = calloc(number, sizeof(int32_t));
    if (!slots)
        return -1;
    free(trie->slots);
    trie->slots = slots;
    trie->mask = number - 1;
    for (size_t i = 1; i < trie->used; i++) {
        size_t at = mixed((uint64_t)(uint32_t)trie->nodes[i].parent << 32 | (uint32_t)trie->nodes[i].part) & trie->mask;
        while (slots[at])
            at = (at + 1) & trie->mask;
        slots[at] = (int32_t)i;
    }
    return 0;
}

/* The node behind `parent` by `part`, made where there is none; below 0 without memory. */
static int32_t step(Trie *trie, int32_t parent, int32_t part)
{
    size_t at = mixed((uint64_t)(uint32_t)parent << 32 | (uint32_t)part) & trie->mask;
    for (int32_t node; (node = trie->slots[at]); at = (at + 1) & trie->mask)
        if (trie->nodes[node].parent == parent && trie->nodes[node].part == part)
            return node;
    if (trie->used == INT32_MAX || grow((void **)&trie->nodes, sizeof(Node), trie->used, &trie->room) < 0)
        return -1;
    trie->nodes[trie->used] = (Node){parent, part, 0, -1};
    trie->slots[at] = (int32_t)trie->used++;
    if (2 * trie->used > trie->mask && trie_slots(trie, 2 * (trie->mask + 1)) < 0)
        return -1;
    return (int32_t)trie->used - 1;
}

static int count_all(Trie *trie, const int32_t *at, const uint8_t *inside, int64_t n, const int64_t *first,
                     const int32_t *parts)
{
    int32_t document = 0;
    for (int64_t i = 0; i < n;) {
        int64_t end = i + 1;
        while (end < n && inside[end])
            end++;
        if (end > i + 1) {
            int32_t node = 0, depth = 0;
            for (int64_t j = i; j < end; j++)
                for (int64_t p = first[at[j]]; p < first[at[j] + 1]; p++, depth++)
                    if ((node = step(trie, node, parts[p])) < 0)
                        return -1;
            if (depth > 1 && trie->nodes[node].last != document) {
                trie->nodes[node].last = document;
                trie->nodes[node].count++;
            }
        }
        for (; i < end; i++)
            document += at[i] == 0;
    }
    return 0;
}

static PyObject *count_words(PyObject *module, PyObject *args)
{
    (void)module;
    enum { AT, INSIDE, FIRST, PARTS, ALL };
    static const Py_ssize_t sizes[ALL] = {4, 1, 8, 4};
    PyObject *o[ALL], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOO", o, o + 1, o + 2, o + 3))
        return NULL;
    Span s[ALL] = {{.held = 0}};
    Trie trie = {0};
    for (int i = 0; i < ALL; i++)
        if (span_open(s + i, o[i], sizes[i], 0) < 0)
            goto done;
    int64_t n = s[AT].n;
    const int64_t *first = ITEMS(s[FIRST], int64_t);
    const int32_t *at = ITEMS(s[AT], int32_t);
    if (s[INSIDE].n != n || !ascend(first, s[FIRST].n, s[PARTS].n) || first[0] || !all_below(at, n, s[FIRST].n - 1)) {
        wrong("the arrays of words do not fit together");
        goto done;
    }
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = grow((void **)&trie.nodes, sizeof(Node), 0, &trie.room) < 0;
    if (!failed) {
        trie.nodes[0] = (Node){0, 0, 0, -1};
        trie.used = 1;
        failed = trie_slots(&trie, 1 << 16) < 0 ||
                 count_all(&trie, at, ITEMS(s[INSIDE], uint8_t), n, first, ITEMS(s[PARTS], int32_t)) < 0;
    }
    Py_END_ALLOW_THREADS;
    result = failed ? PyErr_NoMemory() : bytes_of(trie.nodes, trie.used * sizeof(Node));
done:
    free(trie.nodes);
    free(trie.slots);
    span_close(s, ALL);
    return result;
}

/* -- postings ------------------------------------------------------------------------------------------- */

enum { STREAM, ENDS, WIDTHS, FIRST, TERMS, OFFSETS, RANKS, INVERTED };

typedef struct {
    int64_t *df, *cf, *posting, *place; /* of a term: how many; where its next ones go */
    int32_t *last;                      /* the document that had it */
    uint32_t *docs, *counts, *positions, *in_title, *in_lead;
    int64_t *field_widths;
} Inverted;

/* Calls for each occurrence, in order: counts the first time, puts in place the second. */
static void walk(const Span *s, Inverted *v, int counting)
{
    const int32_t *stream = ITEMS(s[STREAM], int32_t), *widths = ITEMS(s[WIDTHS], int32_t);
    const int64_t *ends = ITEMS(s[ENDS], int64_t), *first = ITEMS(s[FIRST], int64_t);
    const int32_t *terms = ITEMS(s[TERMS], int32_t), *offsets = ITEMS(s[OFFSETS], int32_t);
    const int32_t *ranks = ITEMS(s[RANKS], int32_t);
    int64_t chunk = 0;
    for (int64_t document = 0; document < s[ENDS].n / 3; document++) {
        int64_t position = 0, begin = 0;
        for (int field = 0; field < 3; field++) {
            for (; chunk < ends[3 * document + field]; chunk++) {
                int32_t number = stream[chunk];
                for (int64_t i = first[number]; i < first[number + 1]; i++) {
                    int32_t term = ranks[terms[i]];
                    int fresh = v->last[term] != (int32_t)document;
                    v->last[term] = (int32_t)document;
                    if (counting) {
                        v->df[term] += fresh;
                        v->cf[term]++;
                        continue;
                    }
                    int64_t posting = v->posting[term] += fresh;
                    v->docs[posting] = (uint32_t)document;
                    v->counts[posting]++;
                    v->in_title[posting] += field == 0;
                    v->in_lead[posting] += field == 1;
                    v->positions[v->place[term]++] = (uint32_t)(position + offsets[i]);
                }
                position += widths[number];
            }
            if (!counting)
                v->field_widths[3 * document + field] = position - begin;
            position += 1; /* the gap, or the end */
            begin = position;
            chunk++; /* what stands for it */
        }
    }
}

static int fits(const Span *s)
{
    const int64_t *ends = ITEMS(s[ENDS], int64_t);
    int64_t before = 0, chunks = s[WIDTHS].n;
    if (s[ENDS].n % 3 || s[ENDS].n / 3 > INT32_MAX || s[FIRST].n != chunks + 1 || s[OFFSETS].n != s[TERMS].n)
        return 0;
    for (int64_t i = 0; i < s[ENDS].n; i++) {
        if (ends[i] < before || ends[i] >= s[STREAM].n)
            return 0;
        before = ends[i] + 1;
    }
    return ascend(ITEMS(s[FIRST], int64_t), s[FIRST].n, s[TERMS].n) && !ITEMS(s[FIRST], int64_t)[0] &&
           all_below(ITEMS(s[STREAM], int32_t), s[STREAM].n, chunks) &&
           all_below(ITEMS(s[TERMS], int32_t), s[TERMS].n, s[RANKS].n);
}

static int invert_all(const Span *s, Inverted *v, int64_t terms, int64_t *postings, int64_t *occurrences)
{
    size_t n = (size_t)terms;
    v->df = calloc(n + 1, 8);
    v->cf = calloc(n + 1, 8);
    v->posting = malloc((n + 1) * 8);
    v->place = malloc((n + 1) * 8);
    v->last = malloc((n + 1) * 4);
    v->field_widths = calloc((size_t)s[ENDS].n + 1, 8);
    if (!v->df || !v->cf || !v->posting || !v->place || !v->last || !v->field_widths)
        return -1;
    memset(v->last, 0xff, n * 4);
    walk(s, v, 1);
    *postings = *occurrences = 0;
    for (int64_t term = 0; term < terms; term++) {
        v->posting[term] = *postings - 1; /* the first document moves on to the first place */
        v->place[term] = *occurrences;
        *postings += v->df[term];
        *occurrences += v->cf[term];
    }
    size_t p = (size_t)*postings + 1;
    v->docs = malloc(p * 4);
    v->counts = calloc(p, 4);
    v->in_title = calloc(p, 4);
    v->in_lead = calloc(p, 4);
    v->positions = malloc(((size_t)*occurrences + 1) * 4);
    if (!v->docs || !v->counts || !v->in_title || !v->in_lead || !v->positions)
        return -1;
    memset(v->last, 0xff, n * 4);
    walk(s, v, 0);
    return 0;
}

static PyObject *invert(PyObject *module, PyObject *args)
{
    (void)module;
    static const Py_ssize_t sizes[INVERTED] = {4, 8, 4, 8, 4, 4, 4};
    PyObject *o[INVERTED], *result = NULL;
    long long terms;
    if (!PyArg_ParseTuple(args, "OOOOOOOL", o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6, &terms))
        return NULL;
    Span s[INVERTED] = {{.held = 0}};
    Inverted v = {0};
    for (int i = 0; i < INVERTED; i++)
        if (span_open(s + i, o[i], sizes[i], 0) < 0)
            goto done;
    if (terms < 0 || terms > INT32_MAX || !fits(s) || !all_below(ITEMS(s[RANKS], int32_t), s[RANKS].n, terms ? terms : 1)) {
        wrong("the arrays of chunks do not fit together");
        goto done;
    }
    int64_t postings, occurrences;
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = invert_all(s, &v, terms, &postings, &occurrences) < 0;
    Py_END_ALLOW_THREADS;
    if (failed) {
        PyErr_NoMemory();
        goto done;
    }
    size_t p = (size_t)postings * 4;
    result = Py_BuildValue("NNNNNNNN", bytes_of(v.df, (size_t)terms * 8), bytes_of(v.cf, (size_t)terms * 8),
                           bytes_of(v.docs, p), bytes_of(v.counts, p), bytes_of(v.in_title, p), bytes_of(v.in_lead, p),
                           bytes_of(v.positions, (size_t)occurrences * 4),
                           bytes_of(v.field_widths, (size_t)s[ENDS].n * 8));
done:
    free(v.df), free(v.cf), free(v.posting), free(v.place), free(v.last), free(v.docs), free(v.counts);
    free(v.in_title), free(v.in_lead), free(v.positions), free(v.field_widths);
    span_close(s, INVERTED);
    return result;
}

/* -- fingerprints --------------------------------------------------------------------------------------- */

enum { RUN = 4, ORDERS = 16, READ = 300 };

static uint64_t fingerprint(const uint32_t *codes, int64_t n, const uint32_t *multipliers)
{
    if (n < RUN)
        return 0;
    uint32_t smallest[ORDERS];
    memset(smallest, 0xff, sizeof smallest);
    for (int64_t i = 0; i + RUN <= n; i++) {
        uint32_t run = codes[i];
        for (int j = 1; j < RUN; j++)
            run = run * 0x01000193u ^ codes[i + j];
        run ^= run >> 15;
        for (int order = 0; order < ORDERS; order++) {
            uint32_t value = run * multipliers[order];
            smallest[order] = value < smallest[order] ? value : smallest[order];
        }
    }
    uint64_t found = 0;
    for (int order = 0; order < ORDERS; order++)
        found |= (uint64_t)((smallest[order] ^ smallest[order] >> 16) & 15) << 4 * order;
    return found;
}

static PyObject *fingerprints(PyObject *module, PyObject *args)
{
    (void)module;
    enum { CHUNKS, BEGINS, STOPS, ROWS, HASHES, MULTIPLIERS, FOUND, ALL };
    static const Py_ssize_t sizes[ALL] = {4, 8, 8, 8, 4, 4, 8};
    PyObject *o[ALL], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOOOOO", o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6))
        return NULL;
    Span s[ALL] = {{.held = 0}};
    for (int i = 0; i < ALL; i++)
        if (span_open(s + i, o[i], sizes[i], i == FOUND) < 0)
            goto done;
    const int32_t *stream = ITEMS(s[CHUNKS], int32_t);
    const int64_t *begins = ITEMS(s[BEGINS], int64_t), *stops = ITEMS(s[STOPS], int64_t);
    const int64_t *first = ITEMS(s[ROWS], int64_t);
    const uint32_t *hashes = ITEMS(s[HASHES], uint32_t);
    int64_t n = s[FOUND].n;
    int even = s[BEGINS].n == n && s[STOPS].n == n && s[MULTIPLIERS].n == ORDERS &&
               ascend(first, s[ROWS].n, s[HASHES].n) && !first[0] && all_below(stream, s[CHUNKS].n, s[ROWS].n - 1);
    for (int64_t i = 0; even && i < n; i++)
        even = begins[i] >= 0 && stops[i] <= s[CHUNKS].n;
    if (!even) {
        wrong("the arrays of hashes do not fit together");
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    for (int64_t i = 0; i < n; i++) {
        uint32_t codes[READ];
        int64_t read = 0;
        for (int64_t at = begins[i]; at < stops[i] && read < READ; at++)
            for (int64_t h = first[stream[at]]; h < first[stream[at] + 1] && read < READ; h++)
                codes[read++] = hashes[h];
        ITEMS(s[FOUND], uint64_t)[i] = fingerprint(codes, read, ITEMS(s[MULTIPLIERS], uint32_t));
    }
    Py_END_ALLOW_THREADS;
    Py_INCREF(Py_None);
    result = Py_None;
done:
    span_close(s, ALL);
    return result;
}

PyMethodDef indexing_methods[] = {
    {"decode", decode, METH_VARARGS, NULL},
    {"count_words", count_words, METH_VARARGS, NULL},
    {"invert", invert, METH_VARARGS, NULL},
    {"fingerprints", fingerprints, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
