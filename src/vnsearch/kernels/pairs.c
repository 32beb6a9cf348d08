/* How often spellings of one syllable stand behind those of another, and how often two are in the same documents: see
   `suggest.cooccurrence`.

   Some documents are looked at together.  Each of their positions has a byte, in which the rarer syllable leaves its
   mark where the second would stand; the other one looks there, in documents that have a mark. */
#include "store.h"

#include <stdatomic.h>

enum { ROOM = 1 << 20, MOST_SPELLINGS = 15, FEW = 8 };

/* A term, read from the first document on. */
typedef struct {
    Cursor cursor;
    int64_t next; /* posting, or document of a row, to be read */
    int spelling, first;
} Reader;

typedef struct {
    const int64_t *starts; /* of each document the place of its first position, and of the end */
    int64_t base, room;    /* the first place of the documents that are looked at, and how many they have at most */
    uint8_t *marks;        /* of each of these places 1 + the rarer one's spelling there or before it, or 0 */
    uint8_t *has;          /* of each document whether it has a mark */
    Ints marked, documents; /* places that have one, documents of those that are looked at together */
    int64_t following[MOST_SPELLINGS + 1];
    Ints found; /* place << 8 | first spelling << 4 | second */
} Ground;

/* The marks of the last query, all 0, so that the next one need not have a megabyte made for it. */
static _Atomic(uint8_t *) spare;

static void free_ground(Ground *g)
{
    for (size_t i = 0; i < g->marked.used; i++) /* some where reading failed */
        g->marks[g->marked.items[i]] = 0;
    if (g->room == ROOM)
        g->marks = atomic_exchange(&spare, g->marks);
    free(g->marks);
    free(g->has);
    free(g->documents.items);
    free(g->marked.items);
    free(g->found.items);
}

/* The positions of a term in a document, whose first place is `first`; a mark is where the second would stand. */
static inline int read_positions(Store *o, const Reader *r, int64_t first, int64_t place, int64_t count, int looks, Ground *g,
                                 Fault *fault)
{
    for (int64_t behind = place + count; place < behind; place++) {
        int64_t at = first + position_at(o, place);
        if (at < r->first || at >= g->room + r->first)
            return wrong(fault, "a position lies beyond its document");
        if (!looks) {
            if (put_int(&g->marked, at) < 0)
                return no_memory(fault);
            g->marks[at] = (uint8_t)(r->spelling + 1);
        } else if (g->marks[at]) {
            int64_t other = g->marks[at] - 1, both = r->first ? r->spelling << 4 | other : other << 4 | r->spelling;
            if (put_int(&g->found, (g->base + at) << 8 | both) < 0)
                return no_memory(fault);
        }
    }
    return 0;
}

/* One posting; all of a term are read one behind the other, so where its positions begin needs no sum. */
static inline int read_posting(Store *o, Reader *r, int64_t document, uint8_t code, int looks, Ground *g, Fault *fault)
{
    Cursor *c = &r->cursor;
    int64_t count = code & 31, first = g->starts[document] - g->base + r->first;
    if (count == 31) {
        for (; c->long_at < c->long_end && long_document(o, c->long_at) < document; c->long_at++)
            ;
        if (c->long_at < c->long_end && long_document(o, c->long_at) == document)
            count = long_count(o, c->long_at);
    }
    if (count > c->end - c->place)
        return wrong(fault, "an offset lies beyond its array");
    int64_t behind = c->place + count;
    if (r->first)
        g->following[r->spelling] += count;
    if (looks && !g->has[document]) {
        c->place = behind;
        return 0;
    }
    if (checked(o, POSITIONS, c->place, behind, fault) < 0)
        return -1;
    if (!g->has[document] && put_int(&g->documents, document) < 0)
        return no_memory(fault);
    g->has[document] = 1;
    if (read_positions(o, r, first, c->place, count, looks, g, fault) < 0)
        return -1;
    c->place = behind;
    return 0;
}

/* Reads a term in the documents up to `end`. */
static int read_to(Store *o, Reader *r, int64_t end, int looks, Ground *g, Fault *fault)
{
    const Cursor *c = &r->cursor;
    if (c->docs) {
        for (; r->next < c->n && c->docs[r->next] < end; r->next++) {
            if (r->next && c->docs[r->next] <= c->docs[r->next - 1])
                return wrong(fault, "the documents of a term do not ascend");
            if (read_posting(o, r, c->docs[r->next], c->codes[r->next], looks, g, fault) < 0)
                return -1;
        }
        return 0;
    }
    while (r->next < end) {
        int64_t begin = r->next, rest = end - begin < 8 ? end - begin : 8;
        uint64_t there = nonzero(c->codes + begin) & ((1u << rest) - 1);
        for (; there; there &= there - 1) {
            int64_t document = begin + __builtin_ctzll(there);
            if (read_posting(o, r, document, c->codes[document], looks, g, fault) < 0)
                return -1;
        }
        r->next += rest;
    }
    return 0;
}

/* Looks for a frequent term in the few documents that have a mark. */
static int look_there(Store *o, Reader *r, Ground *g, Fault *fault)
{
    for (size_t i = 0; i < g->documents.used; i++) {
        int64_t document = g->documents.items[i], count = count_in(o, &r->cursor, document, fault);
        if (count < 0 || read_positions(o, r, g->starts[document] - g->base + r->first, r->cursor.place, count, 1, g, fault) < 0)
            return -1;
    }
    return 0;
}

/* How often a term occurs in the first documents. */
static int64_t occurrences(const Store *o, const Cursor *c, int64_t documents)
{
    if (documents == o->documents)
        return c->end - c->place;
    int64_t all = counts_sum(c->codes, c->docs ? posting_from(c->docs, c->n, 0, documents) : documents);
    for (int64_t at = c->long_at; at < c->long_end && long_document(o, at) < documents; at++)
        all += (int64_t)long_count(o, at) - 31;
    return all;
}

static int ascending(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

/* firsts: how many of the readers are of the first syllable, the others are of the second. */
static int read_all(Store *o, Reader *readers, int64_t firsts, int64_t all, int64_t documents, Ground *g, Fault *fault)
{
    int64_t many[2] = {0, 0};
    for (int64_t i = 0; i < all; i++)
        many[i >= firsts] += readers[i].cursor.end - readers[i].cursor.place;
    int64_t marking = many[0] <= many[1] ? 0 : firsts, looking = firsts - marking; /* where these begin */
    int64_t marks = marking ? all - firsts : firsts, few = FEW * many[marking > 0] < many[!marking];
    for (int64_t i = 0; i < firsts && few && marking; i++)
        g->following[readers[i].spelling] = occurrences(o, &readers[i].cursor, documents);
    for (int64_t begin = 0, end; begin < documents; begin = end) {
        g->base = g->starts[begin];
        int64_t low = begin + 1, high = documents;
        while (low < high) {
            int64_t middle = (low + high + 1) / 2;
            if (g->starts[middle] - g->base <= ROOM)
                low = middle;
            else
                high = middle - 1;
        }
        end = low;
        int64_t wanted = g->starts[end] - g->base;
        if (wanted > g->room || !g->marks) {
            free(g->marks);
            g->room = wanted > ROOM ? wanted : ROOM;
            g->marks = g->room == ROOM ? atomic_exchange(&spare, NULL) : NULL;
            if (!g->marks && !(g->marks = calloc((size_t)g->room + 1, 1))) {
                g->room = 0;
                return no_memory(fault);
            }
        }
        g->documents.used = 0;
        for (int64_t i = 0; i < all; i++) {
            Reader *own = readers + (i < marks ? marking + i : looking + i - marks);
            if (i == marks && few && g->documents.used)
                qsort(g->documents.items, g->documents.used, sizeof(int64_t), ascending);
            if ((few && i >= marks ? look_there(o, own, g, fault) : read_to(o, own, end, i >= marks, g, fault)) < 0)
                return -1;
        }
        for (size_t i = 0; i < g->marked.used; i++)
            g->marks[g->marked.items[i]] = 0;
        g->marked.used = 0;
    }
    return 0;
}

/* pairs(first, second, starts, documents) -> (following, found).  first, second: terms, the spellings of two syllables;
   below 0: not here.  following: how often each of the first occurs in the first documents; found: where a second stands
   behind a first, in no order: place << 8 | number of the first << 4 | number of the second.  Eight bytes each. */
PyObject *pairs(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *first, *second, *starts, *result = NULL;
    long long documents;
    Ints terms = {0};
    Span span = {.held = 0};
    Ground g = {.marks = NULL};
    Reader *readers = NULL;
    Fault fault = {.page = -1};
    int failed = 0;
    if (!PyArg_ParseTuple(args, "OOOL", &first, &second, &starts, &documents) || add_ints(first, &terms) < 0)
        return NULL;
    size_t firsts = terms.used;
    if (add_ints(second, &terms) < 0 || span_open(&span, starts, 8, 0) < 0)
        goto done;
    if (firsts > MOST_SPELLINGS || terms.used - firsts > MOST_SPELLINGS || documents < 0 || documents > o->documents ||
        span.n != o->documents + 1) {
        PyErr_SetString(PyExc_ValueError, "expected two times 15 spellings at most, and a place for each document");
        goto done;
    }
    g.has = calloc((size_t)documents + 1, 1);
    if (!(readers = calloc(terms.used + 1, sizeof(Reader))) || !g.has) {
        PyErr_NoMemory();
        goto done;
    }
    g.starts = ITEMS(span, int64_t);
    Py_BEGIN_ALLOW_THREADS;
    int64_t used = 0, used_firsts = 0;
    for (size_t i = 0; i < terms.used && !failed; i++) {
        if (terms.items[i] < 0)
            continue;
        readers[used].first = i < firsts;
        readers[used].spelling = (int)(i < firsts ? i : i - firsts);
        failed = open_term(o, terms.items[i], &readers[used++].cursor, &fault);
        used_firsts += i < firsts;
    }
    if (!failed)
        failed = read_all(o, readers, used_firsts, used, documents, &g, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault)
                    : Py_BuildValue("NN", PyBytes_FromStringAndSize((char *)g.following, (Py_ssize_t)(8 * firsts)),
                                    PyBytes_FromStringAndSize((char *)g.found.items, (Py_ssize_t)(8 * g.found.used)));
done:
    free(readers);
    free_ground(&g);
    free(terms.items);
    span_close(&span, 1);
    return result;
}

/* In each of eight bytes 1, where the code is not 0. */
static inline uint64_t ones(const uint8_t *codes)
{
    uint64_t eight;
    memcpy(&eight, codes, 8);
    return (((eight & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | eight) >> 7 & 0x0101010101010101u;
}

WIDE static int64_t both_in_rows(const uint8_t *a, const uint8_t *b, int64_t n)
{
    int64_t found = 0, at = 0;
    while (n - at >= 8) {
        int64_t eights = (n - at) / 8 < 255 ? (n - at) / 8 : 255; /* so many ones fit in a byte */
        uint64_t all = 0;
        for (int64_t k = 0; k < eights; k++)
            all += ones(a + at + 8 * k) & ones(b + at + 8 * k);
        all = (all & 0x00ff00ff00ff00ffu) + (all >> 8 & 0x00ff00ff00ff00ffu);
        found += (int64_t)(all * 0x0001000100010001u >> 48);
        at += 8 * eights;
    }
    for (; at < n; at++)
        found += a[at] && b[at];
    return found;
}

static int64_t in_both(const Cursor *a, const Cursor *b, int64_t documents)
{
    if (!a->docs && !b->docs)
        return both_in_rows(a->codes, b->codes, documents);
    if (!a->docs || (b->docs && b->n < a->n)) {
        const Cursor *swap = a;
        a = b;
        b = swap;
    }
    int64_t found = 0, at = 0;
    for (int64_t i = 0; i < a->n && a->docs[i] < documents; i++) {
        if (b->docs)
            at = posting_from(b->docs, b->n, at, a->docs[i]);
        found += b->docs ? at < b->n && b->docs[at] == a->docs[i] : b->codes[a->docs[i]] > 0;
    }
    return found;
}

/* together(first, second, documents) -> in how many of the first documents both terms are. */
PyObject *together(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    long long first, second, documents;
    if (!PyArg_ParseTuple(args, "LLL", &first, &second, &documents))
        return NULL;
    if (documents < 0 || documents > o->documents) {
        PyErr_Format(PyExc_ValueError, "there are %lld documents, not %lld", (long long)o->documents, documents);
        return NULL;
    }
    Cursor a, b;
    Fault fault = {.page = -1};
    if (open_term(o, first, &a, &fault) < 0 || open_term(o, second, &b, &fault) < 0)
        return raise_fault(o, &fault);
    return PyLong_FromLongLong(in_both(&a, &b, documents));
}
