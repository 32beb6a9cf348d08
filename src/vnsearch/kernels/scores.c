/* What documents score by their words, and which score best.

   A *leaf* is one scored term: `own` are the terms that it is, `every` all its accents, of whose impact it gets `share`
   where none of its own is.  See `twins` for the formula.

   Longer than other files: scoring all documents and finding the best of them (MaxScore) share the leaves' reading. */
#include "store.h"

enum { BLOCK = 4096 }; /* documents whose sums stay in the processor's nearest cache */

typedef struct {
    int64_t own, every, end; /* own..every, every..end of the terms */
    int64_t own_size, every_size;
    int own_seen, every_seen; /* whether no document that is to come has one of them */
    float share, unit;
} Leaf;

/* Documents whose scores are known. */
typedef struct {
    Span documents, scores;
    int64_t at;
    float most;
} Listed;

typedef struct {
    Ints terms;
    Leaf *leaves;
    int64_t n_leaves;
    Listed *lists;
    int64_t n_lists;
    Cursor *opened; /* of each term, as opened */
    Span norm;
    Span tenths; /* ten times what a code is worth, for each of 256 */
} Query;

static void query_free(Query *q)
{
    for (int64_t i = 0; i < q->n_lists; i++) {
        span_close(&q->lists[i].documents, 1);
        span_close(&q->lists[i].scores, 1);
    }
    free(q->terms.items);
    free(q->leaves);
    free(q->lists);
    free(q->opened);
    span_close(&q->norm, 1);
    span_close(&q->tenths, 1);
}

/* leaves: tuples (own, every, share, unit).  norm: one float a document.  tenths: one number a code. */
static int read_leaves(Store *o, Query *q, PyObject *leaves, PyObject *norm, PyObject *tenths)
{
    if (span_open(&q->norm, norm, 4, 0) < 0 || span_open(&q->tenths, tenths, 4, 0) < 0)
        return -1;
    if (q->norm.n != o->documents || q->tenths.n != 256) {
        PyErr_SetString(PyExc_ValueError, "expected one norm a document, and 256 tenths");
        return -1;
    }
    q->leaves = calloc((size_t)PyList_Size(leaves) + 1, sizeof(Leaf));
    if (!q->leaves) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(leaves); i++) {
        PyObject *own, *every;
        Leaf *leaf = q->leaves + q->n_leaves++;
        if (!PyArg_ParseTuple(PyList_GetItem(leaves, i), "OOff", &own, &every, &leaf->share, &leaf->unit))
            return -1;
        leaf->own = (int64_t)q->terms.used;
        if (add_ints(own, &q->terms) < 0)
            return -1;
        leaf->every = (int64_t)q->terms.used;
        if (add_ints(every, &q->terms) < 0)
            return -1;
        leaf->end = (int64_t)q->terms.used;
        if (!(leaf->share >= 0 && leaf->share <= 1 && leaf->unit >= 0)) {
            PyErr_SetString(PyExc_ValueError, "a share is from 0 to 1, and no unit is below 0");
            return -1;
        }
    }
    return 0;
}

static int open_leaves(Store *o, Query *q, Fault *fault)
{
    q->opened = malloc((q->terms.used + 1) * sizeof(Cursor));
    if (!q->opened)
        return no_memory(fault);
    for (size_t t = 0; t < q->terms.used; t++)
        if (open_term(o, q->terms.items[t], q->opened + t, fault) < 0)
            return -1;
    for (int64_t l = 0; l < q->n_leaves; l++) {
        Leaf *leaf = q->leaves + l;
        for (int64_t t = leaf->own; t < leaf->every; t++)
            leaf->own_size += ITEMS(o->s[DF], uint32_t)[q->terms.items[t]];
        for (int64_t t = leaf->every; t < leaf->end; t++)
            leaf->every_size += ITEMS(o->s[DF], uint32_t)[q->terms.items[t]];
    }
    return 0;
}

/* -- scores of some documents ----------------------------------------------------------------------------- */

/* Adds ten times the frequency of a term in documents, each asked for in ascending order. */
static void add_term(const Store *o, const Query *q, Cursor *c, const uint32_t *documents, int64_t n, uint32_t *total)
{
    const uint32_t *tenths = ITEMS(q->tenths, uint32_t);
    int long_counts = c->long_at < c->long_end;
    for (int64_t i = 0; i < n; i++) {
        int64_t document = documents[i], at = document;
        if (c->docs) {
            at = c->at = posting_from(c->docs, c->n, c->at, document);
            if (at >= c->n)
                return;
            if (c->docs[at] != document)
                continue;
        }
        total[i] += tenths[c->codes[at]];
        if (!long_counts || (c->codes[at] & 31) != 31)
            continue;
        while (c->long_at < c->long_end && long_document(o, c->long_at) < document)
            c->long_at++;
        if (c->long_at < c->long_end && long_document(o, c->long_at) == document)
            total[i] += 10 * (long_count(o, c->long_at) - 31);
    }
}

/* ceil(255 tf / (tf + norm)), as NumPy rounds it. */
WIDE static void saturate(const uint32_t *tenths, const float *norm, uint8_t *impacts, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float share = (float)(int32_t)tenths[i] / 10.0f;
        share = share / (share + norm[i]) * 255.0f;
        int32_t whole = (int32_t)share;
        whole += (float)whole < share;
        impacts[i] = (uint8_t)whole;
    }
}

/* What all accents are worth where none of a leaf's own terms is. */
static void share_out(uint8_t *own, const uint16_t *at, const uint8_t *every, float share, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float less = (float)every[i] * share;
        int32_t whole = (int32_t)less;
        whole += (float)whole < less;
        own[at[i]] = (uint8_t)whole;
    }
}

WIDE static void add_impacts(float *sums, const uint8_t *impacts, float unit, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        sums[i] += (float)impacts[i] * unit;
}

typedef struct {
    uint32_t documents[BLOCK], total[BLOCK], without[BLOCK];
    float norm[BLOCK], sums[BLOCK], norm_without[BLOCK];
    uint16_t at[BLOCK]; /* of those without any of a leaf's own terms */
    uint8_t own[BLOCK], every[BLOCK];
} Block;

/* What the accents of a leaf are worth at most. */
static float accents_bound(const Leaf *leaf)
{
    float less = 255.0f * leaf->share;
    int32_t whole = (int32_t)less;
    whole += (float)whole < less;
    return (float)whole * leaf->unit;
}

/* Adds what a leaf is worth in the documents of a block; loosely: where none of its own terms is, the most it may be. */
static void add_leaf(const Store *o, const Query *q, const Leaf *leaf, Cursor *cursors, int loosely, Block *b, int64_t n)
{
    int64_t without = 0;
    if (leaf->own < leaf->every && !leaf->own_seen) {
        memset(b->total, 0, (size_t)n * 4);
        for (int64_t t = leaf->own; t < leaf->every; t++)
            add_term(o, q, cursors + t, b->documents, n, b->total);
        saturate(b->total, b->norm, b->own, n);
    } else {
        memset(b->own, 0, (size_t)n);
    }
    for (int64_t i = 0; leaf->every < leaf->end && !leaf->every_seen && i < n; i++) {
        b->at[without] = (uint16_t)i;
        without += !b->own[i];
    }
    if (without && loosely) {
        float most = accents_bound(leaf);
        for (int64_t i = 0; i < without; i++)
            b->sums[b->at[i]] += most;
    } else if (without) {
        for (int64_t i = 0; i < without; i++) {
            b->without[i] = b->documents[b->at[i]];
            b->norm_without[i] = b->norm[b->at[i]];
        }
        memset(b->total, 0, (size_t)without * 4);
        for (int64_t t = leaf->every; t < leaf->end; t++)
            add_term(o, q, cursors + t, b->without, without, b->total);
        saturate(b->total, b->norm_without, b->every, without);
        share_out(b->own, b->at, b->every, leaf->share, without);
    }
    add_impacts(b->sums, b->own, leaf->unit, n);
}

static void add_list(Listed *list, Block *b, int64_t n)
{
    const int64_t *own = ITEMS(list->documents, int64_t);
    for (int64_t i = 0; i < n; i++) {
        while (list->at < list->documents.n && own[list->at] < b->documents[i])
            list->at++;
        if (list->at < list->documents.n && own[list->at] == b->documents[i])
            b->sums[i] += ITEMS(list->scores, float)[list->at];
    }
}

static void set_norms(const Query *q, Block *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        b->norm[i] = ITEMS(q->norm, float)[b->documents[i]];
}

static int score_all(Store *o, Query *q, const Span *documents, float *found, Fault *fault)
{
    const int64_t *wanted = ITEMS(*documents, int64_t);
    Block *b = malloc(sizeof(Block));
    int failed = b ? open_leaves(o, q, fault) : no_memory(fault);
    for (int64_t begin = 0; begin < documents->n && !failed; begin += BLOCK) {
        int64_t n = documents->n - begin < BLOCK ? documents->n - begin : BLOCK;
        for (int64_t i = 0; i < n; i++)
            b->documents[i] = (uint32_t)wanted[begin + i];
        memset(b->sums, 0, (size_t)n * 4);
        set_norms(q, b, n);
        for (int64_t l = 0; l < q->n_leaves; l++)
            add_leaf(o, q, q->leaves + l, q->opened, 0, b, n);
        memcpy(found + begin, b->sums, (size_t)n * 4);
    }
    free(b);
    return failed;
}

/* scores(leaves, norm, tenths, documents) -> what the leaves add up to in documents (ascending); float32, in a bytearray
   for callers that go on adding. */
PyObject *scores(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *leaves, *norm, *tenths, *documents, *result = NULL;
    Query q = {0};
    Span wanted = {.held = 0};
    if (!PyArg_ParseTuple(args, "O!OOO", &PyList_Type, &leaves, &norm, &tenths, &documents))
        return NULL;
    if (span_open(&wanted, documents, 8, 0) < 0 || read_leaves(o, &q, leaves, norm, tenths) < 0)
        goto done;
    int even = 1;
    for (int64_t i = 0, last = -1; even && i < wanted.n; last = ITEMS(wanted, int64_t)[i++])
        even = ITEMS(wanted, int64_t)[i] < o->documents && ITEMS(wanted, int64_t)[i] > last;
    if (!even) {
        PyErr_SetString(PyExc_ValueError, "expected documents that ascend");
        goto done;
    }
    if (!(result = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(4 * wanted.n))))
        goto done;
    float *found = (float *)PyByteArray_AsString(result);
    Fault fault = {.page = -1};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = score_all(o, &q, &wanted, found, &fault);
    Py_END_ALLOW_THREADS;
    if (failed) {
        Py_DECREF(result);
        result = raise_fault(o, &fault);
    }
done:
    query_free(&q);
    span_close(&wanted, 1);
    return result;
}

/* -- the best ----------------------------------------------------------------------------------------------

   MaxScore (Turtle, Flood 1995, "Query evaluation: strategies and optimizations"): the documents of the rarest parts are
   scored first; when all that the other parts can be worth is less than the best have, no document without one of the
   parts that were scored can be among them. */

typedef struct {
    int64_t document;
    float score;
} Scored;

typedef struct {
    Scored *items;
    size_t used, room, wanted, next_prune;
    float floor; /* a score that `wanted` documents reach */
} Best;

/* The n-th greatest, n from 0; reorders the scores (Hoare 1961, algorithm 65). */
static float nth_greatest(float *scores, int64_t number, int64_t nth)
{
    int64_t low = 0, high = number - 1;
    while (low < high) {
        float pivot = scores[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (scores[i] > pivot)
                i++;
            while (scores[j] < pivot)
                j--;
            if (i <= j) {
                float kept = scores[i];
                scores[i++] = scores[j];
                scores[j--] = kept;
            }
        }
        if (nth <= j)
            high = j;
        else if (nth >= i)
            low = i;
        else
            break;
    }
    return scores[nth];
}

/* Leaves the best `wanted`, and all that equal the least of them. */
static int prune(Best *best)
{
    best->next_prune = 2 * best->used + 256;
    if (best->used < best->wanted)
        return 0;
    float *sorted = malloc(best->used * sizeof(float));
    if (!sorted)
        return -1;
    for (size_t i = 0; i < best->used; i++)
        sorted[i] = best->items[i].score;
    best->floor = nth_greatest(sorted, (int64_t)best->used, (int64_t)best->wanted - 1);
    free(sorted);
    size_t kept = 0;
    for (size_t i = 0; i < best->used; i++)
        if (best->items[i].score >= best->floor)
            best->items[kept++] = best->items[i];
    best->used = kept;
    return 0;
}

static int by_document(const void *a, const void *b)
{
    int64_t x = ((const Scored *)a)->document, y = ((const Scored *)b)->document;
    return (x > y) - (x < y);
}

/* Documents that are enumerated together: a leaf's own, or those of all its accents, or a list. */
typedef struct {
    int64_t leaf, list; /* of a leaf or a list; below 0: of none */
    int accents;
    int64_t size;
} Part;

static int by_size(const void *a, const void *b)
{
    int64_t x = ((const Part *)a)->size, y = ((const Part *)b)->size;
    return (x > y) - (x < y);
}

typedef struct {
    Query *q;
    Part *parts;
    int64_t n_parts;
    uint8_t *listed;   /* of each part, whether its documents were enumerated */
    float *bounds;     /* of each leaf, then of each list: what it can add to a document that is to come */
    int64_t *order;    /* leaves and lists by these, greatest first */
    Cursor *quick, *exact;
    Best best;
} Search;

static double set_bounds(Search *s)
{
    const Query *q = s->q;
    int64_t number = q->n_leaves + q->n_lists;
    memset(s->bounds, 0, (size_t)(number + 1) * sizeof(float));
    for (int64_t p = 0; p < s->n_parts; p++) {
        const Part *part = s->parts + p;
        if (s->listed[p])
            continue;
        int64_t at = part->leaf >= 0 ? part->leaf : q->n_leaves + part->list;
        float own = part->leaf < 0       ? q->lists[part->list].most
                    : part->accents ? accents_bound(q->leaves + part->leaf)
                                         : 255.0f * q->leaves[part->leaf].unit;
        if (own > s->bounds[at])
            s->bounds[at] = own;
    }
    double sum = 0;
    for (int64_t i = 0; i < number; i++)
        sum += s->bounds[i];
    return sum * 1.00001; /* scores are sums of floats, rounded */
}

static int add_bits(Store *o, Search *s, const Part *part, uint64_t *bits, Fault *fault)
{
    const Query *q = s->q;
    if (part->leaf < 0) {
        const Span *own = &q->lists[part->list].documents;
        for (int64_t i = 0; i < own->n; i++)
            bits[ITEMS(*own, int64_t)[i] >> 6] |= 1ull << (ITEMS(*own, int64_t)[i] & 63);
        return 0;
    }
    const Leaf *leaf = q->leaves + part->leaf;
    int64_t t = part->accents ? leaf->every : leaf->own, end = part->accents ? leaf->end : leaf->every;
    for (; t < end; t++)
        if (add_documents(o, q->opened + t, o->documents, bits, fault) < 0)
            return -1;
    return 0;
}

/* Scores a block of documents; those that cannot be among the best are let go on the way. */
static int score_block(Store *o, Search *s, Block *b, int64_t n, double most, Fault *fault)
{
    Query *q = s->q;
    int64_t number = q->n_leaves + q->n_lists;
    memset(b->sums, 0, (size_t)n * 4);
    set_norms(q, b, n);
    if (s->best.floor > 0) {
        double rest = most, slack = most * 0.00001;
        for (int64_t i = 0; i < number && n; i++) {
            int64_t at = s->order[i];
            if (at < q->n_leaves)
                add_leaf(o, q, q->leaves + at, s->quick, 1, b, n);
            else
                add_list(q->lists + (at - q->n_leaves), b, n);
            rest -= s->bounds[at];
            int64_t kept = 0;
            for (int64_t k = 0; k < n; k++) {
                b->documents[kept] = b->documents[k];
                b->norm[kept] = b->norm[k];
                b->sums[kept] = b->sums[k];
                kept += b->sums[k] + rest + slack >= s->best.floor;
            }
            n = kept;
        }
        memset(b->sums, 0, (size_t)n * 4);
    }
    for (int64_t l = 0; l < q->n_leaves && n; l++)
        add_leaf(o, q, q->leaves + l, s->exact, 0, b, n);
    for (int64_t l = 0; l < q->n_lists && n; l++) {
        q->lists[l].at = 0;
        add_list(q->lists + l, b, n);
    }
    for (int64_t i = 0; i < n; i++) {
        if (b->sums[i] < s->best.floor)
            continue;
        if (grow((void **)&s->best.items, sizeof(Scored), s->best.used, &s->best.room) < 0)
            return no_memory(fault);
        s->best.items[s->best.used++] = (Scored){b->documents[i], b->sums[i]};
    }
    if (s->best.used >= s->best.next_prune && prune(&s->best) < 0)
        return no_memory(fault);
    return 0;
}

/* Scores the documents of a part that were in none before. */
static int score_part(Store *o, Search *s, Block *b, const uint64_t *bits, uint64_t *seen, const uint8_t *allowed,
                      double most, Fault *fault)
{
    size_t terms = s->q->terms.used * sizeof(Cursor);
    memcpy(s->quick, s->q->opened, terms);
    memcpy(s->exact, s->q->opened, terms);
    int64_t n = 0, words = (o->documents + 63) >> 6;
    for (int64_t w = 0; w < words; w++) {
        uint64_t left = bits[w] & ~seen[w];
        seen[w] |= bits[w];
        for (; left; left &= left - 1) {
            uint32_t document = (uint32_t)(64 * w + __builtin_ctzll(left));
            if (allowed && !allowed[document])
                continue;
            b->documents[n++] = document;
            if (n == BLOCK) {
                for (int64_t l = 0; l < s->q->n_lists; l++)
                    s->q->lists[l].at = 0;
                if (score_block(o, s, b, n, most, fault) < 0)
                    return -1;
                n = 0;
            }
        }
    }
    for (int64_t l = 0; l < s->q->n_lists; l++)
        s->q->lists[l].at = 0;
    return n ? score_block(o, s, b, n, most, fault) : 0;
}

static void set_parts(Search *s)
{
    const Query *q = s->q;
    for (int64_t l = 0; l < q->n_leaves; l++) {
        const Leaf *leaf = q->leaves + l;
        if (leaf->own_size)
            s->parts[s->n_parts++] = (Part){l, -1, 0, leaf->own_size};
        if (leaf->every_size)
            s->parts[s->n_parts++] = (Part){l, -1, 1, leaf->every_size};
    }
    for (int64_t l = 0; l < q->n_lists; l++)
        s->parts[s->n_parts++] = (Part){-1, l, 0, q->lists[l].documents.n};
    qsort(s->parts, (size_t)s->n_parts, sizeof(Part), by_size);
}

static void set_order(Search *s)
{
    int64_t number = s->q->n_leaves + s->q->n_lists;
    for (int64_t i = 0; i < number; i++) {
        int64_t j = i;
        for (; j && s->bounds[s->order[j - 1]] < s->bounds[i]; j--)
            s->order[j] = s->order[j - 1];
        s->order[j] = i;
    }
}

static int find_best(Store *o, Search *s, const uint8_t *allowed, Fault *fault)
{
    Query *q = s->q;
    size_t words = (size_t)((o->documents + 63) >> 6) + 1, number = (size_t)(q->n_leaves + q->n_lists) + 1;
    uint64_t *bits = calloc(words, 8), *seen = calloc(words, 8);
    Block *b = malloc(sizeof(Block));
    s->parts = calloc(2 * number, sizeof(Part));
    s->listed = calloc(2 * number, 1);
    s->bounds = calloc(number, sizeof(float));
    s->order = calloc(number, sizeof(int64_t));
    s->quick = malloc((q->terms.used + 1) * sizeof(Cursor));
    s->exact = malloc((q->terms.used + 1) * sizeof(Cursor));
    int failed = bits && seen && b && s->parts && s->listed && s->bounds && s->order && s->quick && s->exact
                     ? open_leaves(o, q, fault)
                     : no_memory(fault);
    if (!failed)
        set_parts(s);
    s->best.next_prune = s->best.wanted;
    for (int64_t p = 0; p < s->n_parts && !failed; p++) {
        double most = set_bounds(s);
        if (s->best.used >= s->best.wanted && prune(&s->best) < 0)
            failed = no_memory(fault);
        if (failed || (s->best.used >= s->best.wanted && most < s->best.floor))
            break;
        set_order(s);
        memset(bits, 0, 8 * words);
        failed = add_bits(o, s, s->parts + p, bits, fault) || score_part(o, s, b, bits, seen, allowed, most, fault);
        s->listed[p] = 1;
        if (s->parts[p].leaf >= 0 && s->parts[p].accents)
            q->leaves[s->parts[p].leaf].every_seen = 1;
        else if (s->parts[p].leaf >= 0)
            q->leaves[s->parts[p].leaf].own_seen = 1;
    }
    if (!failed && prune(&s->best) < 0)
        failed = no_memory(fault);
    if (!failed && s->best.used)
        qsort(s->best.items, s->best.used, sizeof(Scored), by_document);
    free(bits);
    free(seen);
    free(b);
    free(s->parts);
    free(s->listed);
    free(s->bounds);
    free(s->order);
    free(s->quick);
    free(s->exact);
    return failed;
}

/* lists: (documents, scores), both arrays. */
static int read_lists(Store *o, Query *q, PyObject *lists)
{
    q->lists = calloc((size_t)PyList_Size(lists) + 1, sizeof(Listed));
    if (!q->lists) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(lists); i++) {
        PyObject *documents, *own;
        Listed *list = q->lists + q->n_lists++;
        if (!PyArg_ParseTuple(PyList_GetItem(lists, i), "OO", &documents, &own) ||
            span_open(&list->documents, documents, 8, 0) < 0 || span_open(&list->scores, own, 4, 0) < 0)
            return -1;
        int even = list->documents.n == list->scores.n;
        for (int64_t k = 0, last = -1; even && k < list->documents.n; last = ITEMS(list->documents, int64_t)[k++]) {
            even = ITEMS(list->documents, int64_t)[k] > last && ITEMS(list->documents, int64_t)[k] < o->documents;
            float score = ITEMS(list->scores, float)[k];
            list->most = score > list->most ? score : list->most;
        }
        if (!even) {
            PyErr_SetString(PyExc_ValueError, "expected documents that ascend, and a score for each");
            return -1;
        }
    }
    return 0;
}

/* best(leaves, lists, norm, tenths, allowed, wanted) -> (documents, scores): the best and all that equal the least of them, int64
   and float32, documents ascending. */
PyObject *best(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *leaves, *lists, *norm, *tenths, *allowed, *result = NULL;
    long long wanted;
    Query q = {0};
    Span mask = {.held = 0};
    Search s = {.q = &q};
    int64_t *documents = NULL;
    if (!PyArg_ParseTuple(args, "O!O!OOOL", &PyList_Type, &leaves, &PyList_Type, &lists, &norm, &tenths, &allowed, &wanted))
        return NULL;
    if (read_leaves(o, &q, leaves, norm, tenths) < 0 || read_lists(o, &q, lists) < 0 || span_allowed(o, &mask, allowed) < 0)
        goto done;
    s.best.wanted = wanted > 0 ? (size_t)wanted : 0;
    Fault fault = {.page = -1};
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS;
    if (s.best.wanted)
        failed = find_best(o, &s, mask.held ? ITEMS(mask, uint8_t) : NULL, &fault);
    Py_END_ALLOW_THREADS;
    if (failed) {
        raise_fault(o, &fault);
        goto done;
    }
    size_t n = s.best.used;
    documents = malloc((n + 1) * 12);
    if (!documents) {
        PyErr_NoMemory();
        goto done;
    }
    float *own = (float *)(documents + n);
    for (size_t i = 0; i < n; i++) {
        documents[i] = s.best.items[i].document;
        own[i] = s.best.items[i].score;
    }
    result = Py_BuildValue("NN", PyBytes_FromStringAndSize((char *)documents, (Py_ssize_t)(8 * n)),
                           PyBytes_FromStringAndSize((char *)own, (Py_ssize_t)(4 * n)));
done:
    free(documents);
    free(s.best.items);
    query_free(&q);
    span_close(&mask, 1);
    return result;
}
