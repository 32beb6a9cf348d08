/* How often spellings of one syllable stand behind those of another: see `suggest.cooccurrence`.

   Only documents that have a spelling of either are read, a block of them at once.  Each of their positions has a byte, in
   which the rarer syllable leaves its mark where the second would stand; the other one looks there. */
#include "store.h"

#include <stdatomic.h>
#include <stddef.h>

enum { ROOM = 1 << 16, BLOCK = 1 << 11, MOST_SPELLINGS = 15, FEW = 8, AHEAD = 8 };

/* A term, read from the first document on. */
typedef struct {
    Cursor cursor;
    int64_t next; /* posting, or document of a row, to be read */
    int spelling, first;
} Reader;

/* A term in a document: so many positions from `place` on. */
typedef struct {
    int64_t place;
    uint32_t document, count;
} Hit;

typedef struct {
    const int64_t *starts; /* of each document the place of its first position, and of the end */
    uint64_t *bits;        /* the documents that are read */
    int64_t room;
    uint8_t *marks; /* 1 + the rarer one's spelling there or before it, or 0 */
    Ints marked;    /* places that have one */
    Ints found;     /* place << 8 | first spelling << 4 | second */
    int64_t begin, end;
    uint32_t begins[BLOCK]; /* of each document of the block that is read, where its marks begin */
    Hit hits[BLOCK];
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
    free(g->bits);
    free(g->marked.items);
    free(g->found.items);
    free(g);
}

/* How often a term is in a document with the most that a code says. */
static inline int64_t long_in(const Store *o, Cursor *c, int64_t document)
{
    for (; c->long_at < c->long_end && long_document(o, c->long_at) < document; c->long_at++)
        ;
    return c->long_at < c->long_end && long_document(o, c->long_at) == document ? long_count(o, c->long_at) : 31;
}

/* Where a term is in the documents of a block that are read; returns in how many, or below 0. */
static int64_t hits_of_list(Store *o, Reader *r, Ground *g, Fault *fault)
{
    Cursor *c = &r->cursor;
    int64_t n = 0, last = g->begin - 1;
    for (; r->next < c->n && c->docs[r->next] < g->end; r->next++) {
        int64_t document = c->docs[r->next], count = c->codes[r->next] & 31;
        if (document <= last)
            return wrong(fault, "the documents of a term do not ascend");
        last = document;
        if (count == 31)
            count = long_in(o, c, document);
        g->hits[n] = (Hit){c->place, (uint32_t)document, (uint32_t)count};
        n += g->bits[document >> 6] >> (document & 63) & (count > 0);
        c->place += count;
    }
    return n;
}

static int64_t hits_of_row(Store *o, Reader *r, Ground *g, Fault *fault)
{
    (void)fault;
    Cursor *c = &r->cursor;
    int64_t n = 0;
    for (; r->next < g->end; r->next += 8) { /* the eight may reach beyond the row, which ends with 0, into the next */
        uint64_t eight, left = g->bits[r->next >> 6] >> (r->next & 63) & 255 & nonzero(c->codes + r->next);
        memcpy(&eight, c->codes + r->next, 8);
        eight &= 0x1f1f1f1f1f1f1f1fu;
        uint64_t sums = eight * 0x0101010101010101u; /* of the counts up to each, which fit in a byte */
        int64_t more = 0;
        for (int k = 0; ((eight + 0x0101010101010101u) & 0x2020202020202020u) && k < 8; k++) {
            int64_t count = (int64_t)(eight >> 8 * k & 31);
            if (left >> k & 1)
                g->hits[n++] = (Hit){c->place + more, (uint32_t)(r->next + k), (uint32_t)count};
            more += count == 31 ? long_in(o, c, r->next + k) : count;
            if (count == 31 && (left >> k & 1))
                g->hits[n - 1].count = (uint32_t)(c->place + more - g->hits[n - 1].place);
        }
        if (more) {
            c->place += more;
            continue;
        }
        for (; left; left &= left - 1) {
            int k = __builtin_ctzll(left);
            int64_t count = (int64_t)(eight >> 8 * k & 31), up_to = (int64_t)(sums >> 8 * k & 255);
            g->hits[n++] = (Hit){c->place + up_to - count, (uint32_t)(r->next + k), (uint32_t)count};
        }
        c->place += (int64_t)(sums >> 56);
    }
    return n;
}

/* The same of a term that has far more documents than are read. */
static int64_t hits_of_few(Store *o, Reader *r, Ground *g, Fault *fault)
{
    int64_t n = 0;
    for (int64_t i = g->begin / 64; i < (g->end + 63) / 64; i++)
        for (uint64_t left = g->bits[i]; left; left &= left - 1) {
            int64_t document = 64 * i + __builtin_ctzll(left), count = count_in(o, &r->cursor, document, fault);
            if (count < 0)
                return -1;
            g->hits[n] = (Hit){r->cursor.place, (uint32_t)document, (uint32_t)count};
            n += count > 0;
        }
    return n;
}

enum { AT_ONCE = 4 };

/* Marks, or looks at marks, where a term stands.  Most often that is a few times: these are read without a branch for each,
   the last one again where there are fewer. */
static inline int read_hits_as(Store *o, const Reader *r, int64_t n, const int looks, Ground *g, Fault *fault)
{
    for (const Hit *hit = g->hits; hit < g->hits + n; hit++) {
        if (hit + AHEAD < g->hits + n && hit[AHEAD].place < o->s[POSITIONS].n)
            __builtin_prefetch(ITEMS(o->s[POSITIONS], char) + hit[AHEAD].place * o->s[POSITIONS].view.itemsize);
        int64_t place = hit->place, last = (int64_t)hit->count - 1;
        if (last < 0 || last >= r->cursor.end - place)
            return wrong(fault, "an offset lies beyond its array, or a document has a term no times");
        if (checked(o, POSITIONS, place, place + last + 1, fault) < 0)
            return -1;
        int64_t first = g->starts[hit->document], behind = g->starts[hit->document + 1] - first - r->first;
        uint8_t *marks = g->marks + g->begins[hit->document - g->begin] + r->first;
        if (last < AT_ONCE) {
            int64_t at[AT_ONCE];
            for (int64_t k = 0; k < AT_ONCE; k++)
                at[k] = position_at(o, place + (k < last ? k : last));
            if ((at[0] >= behind) | (at[1] >= behind) | (at[2] >= behind) | (at[3] >= behind))
                return wrong(fault, "a position lies beyond its document");
            if (!looks) {
                if (make_room(&g->marked, AT_ONCE) < 0)
                    return no_memory(fault);
                int64_t *items = g->marked.items + g->marked.used;
                for (int k = 0; k < AT_ONCE; k++) {
                    items[k] = marks + at[k] - g->marks;
                    marks[at[k]] = (uint8_t)(r->spelling + 1);
                }
                g->marked.used += hit->count;
                continue;
            }
            if (!(marks[at[0]] | marks[at[1]] | marks[at[2]] | marks[at[3]]))
                continue;
        }
        if (make_room(looks ? &g->found : &g->marked, hit->count) < 0)
            return no_memory(fault);
        for (; place < hit->place + hit->count; place++) {
            int64_t at = position_at(o, place);
            if (at >= behind)
                return wrong(fault, "a position lies beyond its document");
            if (!looks) {
                g->marked.items[g->marked.used++] = marks + at - g->marks;
                marks[at] = (uint8_t)(r->spelling + 1);
            } else if (marks[at]) {
                int64_t other = marks[at] - 1, both = r->first ? r->spelling << 4 | other : other << 4 | r->spelling;
                g->found.items[g->found.used++] = (first + r->first + at) << 8 | both;
            }
        }
    }
    return 0;
}

static int read_hits(Store *o, const Reader *r, int64_t n, int looks, Ground *g, Fault *fault)
{
    return looks ? read_hits_as(o, r, n, 1, g, fault) : read_hits_as(o, r, n, 0, g, fault);
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

/* Finds the documents from `begin` on that are read at once, and room for their marks. */
static int begin_block(Ground *g, int64_t begin, int64_t documents, Fault *fault)
{
    int64_t wanted = 0;
    g->begin = g->end = begin;
    for (; g->end < documents && wanted < ROOM && g->end < begin + BLOCK; g->end += 64)
        for (uint64_t left = g->bits[g->end >> 6]; left; left &= left - 1) {
            int64_t document = g->end + __builtin_ctzll(left), width = g->starts[document + 1] - g->starts[document];
            if (width < 0 || width > INT32_MAX - wanted)
                return wrong(fault, "a document ends before it begins, or is too long");
            g->begins[document - begin] = (uint32_t)wanted;
            wanted += width;
        }
    g->end = g->end < documents ? g->end : documents;
    if (wanted <= g->room && g->marks)
        return 0;
    free(g->marks);
    g->room = wanted > ROOM ? wanted : ROOM;
    g->marks = g->room == ROOM ? atomic_exchange(&spare, NULL) : NULL;
    if (!g->marks && !(g->marks = calloc((size_t)g->room, 1))) {
        g->room = 0;
        return no_memory(fault);
    }
    return 0;
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
    int64_t many[2] = {0, 0}, words = (documents + 63) / 64;
    for (int64_t i = 0; i < all; i++)
        many[i >= firsts] += readers[i].cursor.end - readers[i].cursor.place;
    int is_first = many[0] <= many[1], few = FEW * many[!is_first] < many[is_first];
    int64_t rares = is_first ? firsts : all - firsts;
    Reader *rare = is_first ? readers : readers + firsts, *other = is_first ? readers + firsts : readers;
    if (!(g->bits = calloc(2 * (size_t)words + 1, 8)))
        return no_memory(fault);
    for (int64_t i = 0; i < rares; i++)
        if (add_documents(o, &rare[i].cursor, documents, g->bits, fault) < 0)
            return -1;
    for (int64_t i = 0; i < all - rares && !few; i++)
        if (add_documents(o, &other[i].cursor, documents, g->bits + words, fault) < 0)
            return -1;
    for (int64_t i = 0; i < words && !few; i++)
        g->bits[i] &= g->bits[words + i];
    for (int64_t begin = 0; begin < documents; begin = g->end) {
        if (begin_block(g, begin, documents, fault) < 0)
            return -1;
        for (int64_t i = 0; i < all; i++) {
            Reader *own = i < rares ? rare + i : other + i - rares;
            int64_t n = few && i >= rares  ? hits_of_few(o, own, g, fault)
                        : own->cursor.docs ? hits_of_list(o, own, g, fault)
                                           : hits_of_row(o, own, g, fault);
            if (n < 0 || read_hits(o, own, n, i >= rares, g, fault) < 0)
                return -1;
        }
        for (size_t i = 0; i < g->marked.used; i++)
            g->marks[g->marked.items[i]] = 0;
        g->marked.used = 0;
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
    Ground *g = malloc(sizeof(Ground));
    Reader *readers = NULL;
    Fault fault = {.page = -1};
    int failed = 0;
    if (g)
        memset(g, 0, offsetof(Ground, begins));
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
        PyErr_SetString(PyExc_ValueError, "expected two times 15 spellings at most, room for their counts, and a place for "
                                          "each document");
        goto done;
    }
    if (!g || !(readers = calloc(terms.used + 1, sizeof(Reader)))) {
        PyErr_NoMemory();
        goto done;
    }
    g->starts = ITEMS(s[STARTS], int64_t);
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
        failed = read_all(o, readers, used_firsts, used, documents, g, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault) : told(&g->found, ITEMS(s[COUNTS], double), (int64_t)seconds);
done:
    free(readers);
    if (g)
        free_ground(g);
    free(terms.items);
    span_close(s, GIVEN);
    return result;
}
