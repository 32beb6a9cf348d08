/* How often spellings of one syllable stand behind those of another, and how often two are in the same documents: see
   `suggest.cooccurrence`.

   Only documents that have a spelling of either are read, some together.  Each of their positions has a byte, in which
   the rarer syllable leaves its mark where the second would stand; the other one looks there. */
#include "store.h"

#include <stdatomic.h>

enum { ROOM = 1 << 18, MOST_SPELLINGS = 15, FEW = 8 };

typedef struct {
    Cursor cursor;
    int spelling, first;
} Reader;

typedef struct {
    const int64_t *starts; /* of each document the place of its first position, and of the end */
    Ints documents;        /* those that are read */
    int64_t *begins;       /* where the marks of each begin, in turn for those that are read together */
    int64_t room;
    uint8_t *marks; /* 1 + the rarer one's spelling there or before it, or 0 */
    Ints marked;    /* places that have one */
    Ints found;     /* place << 8 | first spelling << 4 | second */
} Ground;

/* The marks of the last query, all 0, so that the next one need not have its room made. */
static _Atomic(uint8_t *) spare;

static void free_ground(Ground *g)
{
    for (size_t i = 0; i < g->marked.used; i++) /* some where reading failed */
        g->marks[g->marked.items[i]] = 0;
    if (g->room == ROOM)
        g->marks = atomic_exchange(&spare, g->marks);
    free(g->marks);
    free(g->begins);
    free(g->documents.items);
    free(g->marked.items);
    free(g->found.items);
}

/* The documents that have one of some terms, among the first ones. */
static void set_bits(const Reader *readers, int64_t n, int64_t documents, uint64_t *bits)
{
    for (const Reader *r = readers; r < readers + n; r++) {
        const Cursor *c = &r->cursor;
        if (c->docs) {
            for (int64_t i = 0; i < c->n && c->docs[i] < documents; i++)
                bits[c->docs[i] >> 6] |= 1ull << (c->docs[i] & 63);
            continue;
        }
        int64_t at = 0;
        for (; at + 64 <= documents; at += 64)
            bits[at >> 6] |= nonzero_of_64(c->codes + at);
        for (; at < documents; at++)
            bits[at >> 6] |= (uint64_t)(c->codes[at] != 0) << (at & 63);
    }
}

/* Finds the documents that are worth reading: of both; where one is far rarer, all of that one. */
static int find_documents(const Reader *rare, int64_t rares, const Reader *other, int64_t others, int few, int64_t documents,
                          Ground *g, Fault *fault)
{
    int64_t words = (documents + 63) / 64;
    uint64_t *bits = calloc(2 * (size_t)words + 1, 8);
    if (!bits)
        return no_memory(fault);
    set_bits(rare, rares, documents, bits);
    if (!few)
        set_bits(other, others, documents, bits + words);
    int failed = 0;
    for (int64_t i = 0; i < words && !failed; i++)
        for (uint64_t left = bits[i] & (few ? ~0ull : bits[words + i]); left && !failed; left &= left - 1)
            failed = put_int(&g->documents, 64 * i + __builtin_ctzll(left));
    free(bits);
    return failed || !(g->begins = malloc((g->documents.used + 1) * sizeof(int64_t))) ? no_memory(fault) : 0;
}

/* Marks, or looks at marks, where a term stands in the documents begin..end of those that are read. */
static int read_documents(Store *o, Reader *r, size_t begin, size_t end, int looks, Ground *g, Fault *fault)
{
    for (size_t i = begin; i < end; i++) {
        int64_t document = g->documents.items[i], first = g->starts[document], behind = g->starts[document + 1] - first;
        int64_t count = count_in(o, &r->cursor, document, fault);
        if (count < 0)
            return -1;
        for (int64_t place = r->cursor.place; count; count--) {
            int64_t at = position_at(o, place++) + r->first, mark = g->begins[i] + at;
            if (at >= behind)
                return wrong(fault, "a position lies beyond its document");
            if (!looks) {
                if (put_int(&g->marked, mark) < 0)
                    return no_memory(fault);
                g->marks[mark] = (uint8_t)(r->spelling + 1);
            } else if (g->marks[mark]) {
                int64_t other = g->marks[mark] - 1, both = r->first ? r->spelling << 4 | other : other << 4 | r->spelling;
                if (put_int(&g->found, (first + at) << 8 | both) < 0)
                    return no_memory(fault);
            }
        }
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

/* Finds room for the marks of some documents: from `begin` on, to the one that is returned; below 0: there is none. */
static int64_t make_room(Ground *g, size_t begin, Fault *fault)
{
    int64_t wanted = 0;
    size_t end = begin;
    for (; end < g->documents.used; end++) {
        int64_t document = g->documents.items[end], width = g->starts[document + 1] - g->starts[document];
        if (width < 0 || width > UINT32_MAX)
            return wrong(fault, "a document ends before it begins, or is too long");
        if (end > begin && wanted + width > ROOM)
            break;
        g->begins[end] = wanted;
        wanted += width;
    }
    if (wanted > g->room || !g->marks) {
        free(g->marks);
        g->room = wanted > ROOM ? wanted : ROOM;
        g->marks = g->room == ROOM ? atomic_exchange(&spare, NULL) : NULL;
        if (!g->marks && !(g->marks = calloc((size_t)g->room, 1))) {
            g->room = 0;
            return no_memory(fault);
        }
    }
    return (int64_t)end;
}

/* Merges runs that ascend, two by two, until there is one. */
static int sort_runs(Ints *found)
{
    int64_t *room = NULL;
    size_t n = found->used, runs = 2;
    while (n && runs > 1) {
        size_t begin = 0;
        for (runs = 0; begin < n; runs++) {
            int64_t *own = found->items;
            size_t middle = begin + 1, end;
            for (; middle < n && own[middle - 1] <= own[middle]; middle++)
                ;
            if (begin == 0 && middle == n)
                break;
            if (!room && !(room = malloc(n * sizeof(int64_t))))
                return -1;
            for (end = middle + (middle < n); end < n && own[end - 1] <= own[end]; end++)
                ;
            for (size_t a = begin, b = middle, at = begin; at < end; at++)
                room[at] = b == end || (a < middle && own[a] <= own[b]) ? own[a++] : own[b++];
            begin = end;
        }
        if (runs) {
            int64_t *swap = found->items;
            found->items = room;
            room = swap;
            found->room = n;
        }
    }
    free(room);
    return 0;
}

/* The first `firsts` readers are of the first syllable, the others of the second. */
static int read_all(Store *o, Reader *readers, int64_t firsts, int64_t all, int64_t documents, Ground *g, Fault *fault)
{
    int64_t many[2] = {0, 0};
    for (int64_t i = 0; i < all; i++)
        many[i >= firsts] += readers[i].cursor.end - readers[i].cursor.place;
    int64_t rares = many[0] <= many[1] ? firsts : all - firsts, others = all - rares;
    Reader *rare = rares == firsts ? readers : readers + firsts, *other = rare == readers ? readers + firsts : readers;
    if (!rares || !others)
        return 0;
    int few = FEW * (many[0] < many[1] ? many[0] : many[1]) < (many[0] < many[1] ? many[1] : many[0]);
    if (find_documents(rare, rares, other, others, few, documents, g, fault) < 0)
        return -1;
    for (size_t begin = 0; begin < g->documents.used;) {
        int64_t end = make_room(g, begin, fault);
        if (end < 0)
            return -1;
        for (int64_t i = 0; i < all; i++)
            if (read_documents(o, i < rares ? rare + i : other + i - rares, begin, (size_t)end, i >= rares, g, fault) < 0)
                return -1;
        for (size_t i = 0; i < g->marked.used; i++)
            g->marks[g->marked.items[i]] = 0;
        g->marked.used = 0;
        begin = (size_t)end;
    }
    return sort_runs(&g->found) < 0 ? no_memory(fault) : 0;
}

/* (places, codes) of what was found, which is added to `counts`. */
static PyObject *told(const Ints *found, double *counts, int64_t seconds)
{
    PyObject *places = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(8 * found->used));
    PyObject *codes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)found->used);
    if (!places || !codes) {
        Py_XDECREF(places);
        Py_XDECREF(codes);
        return NULL;
    }
    char *place = PyBytes_AsString(places), *code = PyBytes_AsString(codes);
    for (size_t i = 0; i < found->used; i++) {
        int64_t own = found->items[i] >> 8, both = found->items[i] & 255;
        memcpy(place + 8 * i, &own, 8);
        code[i] = (char)both;
        counts[(both >> 4) * seconds + (both & 15)]++;
    }
    return Py_BuildValue("NN", places, codes);
}

/* pairs(first, second, starts, documents, following, counts) -> (places, codes).  first, second: terms, the spellings of
   two syllables; below 0: not here.  following gets added how often each of the first occurs in the first documents,
   counts, for each of the first, how often each of the second stands behind it there (float64).  places: where, the
   place of the second, ascending, eight bytes each; codes: number of the first << 4 | number of the second, a byte each. */
PyObject *pairs(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    enum { STARTS, FOLLOWING, COUNTS, GIVEN };
    PyObject *first, *second, *objects[GIVEN], *result = NULL;
    long long documents;
    Ints terms = {0};
    Span s[GIVEN] = {{.held = 0}};
    Ground g = {.marks = NULL};
    Reader *readers = NULL;
    Fault fault = {.page = -1};
    int failed = 0;
    if (!PyArg_ParseTuple(args, "OOOLOO", &first, &second, objects, &documents, objects + 1, objects + 2) ||
        add_ints(first, &terms) < 0)
        goto done;
    size_t firsts = terms.used;
    if (add_ints(second, &terms) < 0)
        goto done;
    size_t seconds = terms.used - firsts;
    for (int i = 0; i < GIVEN; i++)
        if (span_open(s + i, objects[i], 8, i != STARTS) < 0)
            goto done;
    if (firsts > MOST_SPELLINGS || seconds > MOST_SPELLINGS || documents < 0 || documents > o->documents ||
        s[STARTS].n != o->documents + 1 || s[FOLLOWING].n != (int64_t)firsts || s[COUNTS].n != (int64_t)(firsts * seconds)) {
        PyErr_SetString(PyExc_ValueError, "expected two times 15 spellings at most, room for their counts, and a place for each "
                                          "document");
        goto done;
    }
    if (!(readers = calloc(terms.used + 1, sizeof(Reader)))) {
        PyErr_NoMemory();
        goto done;
    }
    g.starts = ITEMS(s[STARTS], int64_t);
    Py_BEGIN_ALLOW_THREADS;
    int64_t used = 0, used_firsts = 0;
    for (size_t i = 0; i < terms.used && !failed; i++) {
        if (terms.items[i] < 0)
            continue;
        Reader *own = readers + used++;
        own->first = i < firsts;
        own->spelling = (int)(i < firsts ? i : i - firsts);
        failed = open_term(o, terms.items[i], &own->cursor, &fault);
        if (own->first && !failed)
            ITEMS(s[FOLLOWING], double)[i] += (double)occurrences(o, &own->cursor, documents);
        used_firsts += own->first;
    }
    if (!failed)
        failed = read_all(o, readers, used_firsts, used, documents, &g, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault) : told(&g.found, ITEMS(s[COUNTS], double), (int64_t)seconds);
done:
    free(readers);
    free_ground(&g);
    free(terms.items);
    span_close(s, GIVEN);
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
