/* Store: the postings and positions of a mapped segment.  A page is checked before something of it is read, and every
   number from the file before it is an address; what is wrong is said by Python (`check`, `broken`). */
#include "native.h"

enum { PAGE_BITS = 12, PAGE = 1 << PAGE_BITS };

enum { DOCS, CODES, ROWS, POSITIONS, FIRST, FIRST_POSITION, ROW_NUMBERS, LONG_TERMS, LONG_DOCS, LONG_COUNTS,
       WIDTH, TITLE_WIDTH, LEAD_WIDTH, FOLDED, TERMS, FOLDED_ENDS, TERM_ENDS, FOLDED_FIRST, ARRAYS };
enum { MAP = ARRAYS, PENDING, NEAR, SUMS, SPANS };

typedef struct {
    PyObject_HEAD
    Span s[SPANS];
    PyObject *check, *broken;
    int64_t documents, terms, end, row_width;
    int64_t offset[ARRAYS]; /* in the file; below 0 where an array is not of it */
} Store;

/* What went wrong in a kernel while Python's lock was released. */
typedef struct {
    int64_t page;      /* one that is not what was written */
    const char *wrong; /* or this */
    int memory;        /* or there was none */
} Fault;

static uint32_t crc_tables[8][256];

static void make_crc_tables(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        crc_tables[0][i] = c;
    }
    for (int t = 1; t < 8; t++)
        for (uint32_t i = 0; i < 256; i++)
            crc_tables[t][i] = crc_tables[t - 1][i] >> 8 ^ crc_tables[0][crc_tables[t - 1][i] & 255];
}

static uint32_t crc32_of(const uint8_t *at, size_t n)
{
    uint32_t c = 0xffffffffu;
    for (; n >= 8; n -= 8, at += 8) {
        uint32_t a = c ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
        c = crc_tables[7][a & 255] ^ crc_tables[6][a >> 8 & 255] ^ crc_tables[5][a >> 16 & 255] ^ crc_tables[4][a >> 24] ^
            crc_tables[3][at[4]] ^ crc_tables[2][at[5]] ^ crc_tables[1][at[6]] ^ crc_tables[0][at[7]];
    }
    for (; n; n--, at++)
        c = c >> 8 ^ crc_tables[0][(c ^ *at) & 255];
    return ~c;
}

static int check_page(Store *o, int64_t page, Fault *fault)
{
    int64_t begin = page << PAGE_BITS, stop = begin + PAGE < o->end ? begin + PAGE : o->end;
    uint8_t *pending = ITEMS(o->s[PENDING], uint8_t), *near = ITEMS(o->s[NEAR], uint8_t);
    if (crc32_of(ITEMS(o->s[MAP], uint8_t) + begin, (size_t)(stop - begin)) != ITEMS(o->s[SUMS], uint32_t)[page]) {
        fault->page = page;
        return -1;
    }
    pending[page] = 0; /* in this order no page looks checked that is not, whatever other threads do meanwhile */
    near[page] = page + 1 < o->s[PENDING].n ? pending[page + 1] : 0;
    if (page)
        near[page - 1] = pending[page - 1];
    return 0;
}

/* Checks items begin..end of an array that is of the file; they lie in it. */
static inline int checked(Store *o, int array, int64_t begin, int64_t end, Fault *fault)
{
    if (begin >= end)
        return 0;
    int64_t size = o->s[array].view.itemsize;
    int64_t first = (o->offset[array] + begin * size) >> PAGE_BITS, last = (o->offset[array] + end * size - 1) >> PAGE_BITS;
    const volatile uint8_t *pending = ITEMS(o->s[PENDING], uint8_t);
    for (; first <= last; first++)
        if (pending[first] && check_page(o, first, fault) < 0)
            return -1;
    return 0;
}

static int wrong(Fault *fault, const char *what)
{
    fault->wrong = what;
    return -1;
}

static int no_memory(Fault *fault)
{
    fault->memory = 1;
    return -1;
}

static PyObject *raise(Store *o, const Fault *fault)
{
    PyObject *said = NULL;
    if (fault->memory)
        return PyErr_NoMemory();
    if (fault->wrong)
        said = PyObject_CallFunction(o->broken, "s", fault->wrong);
    else
        said = PyObject_CallFunction(o->check, "LL", (long long)fault->page << PAGE_BITS,
                                     (long long)(fault->page + 1) << PAGE_BITS);
    if (said) { /* it should have raised */
        Py_DECREF(said);
        PyErr_SetString(PyExc_RuntimeError, "a page is broken, and then it is not");
    }
    return NULL;
}

static inline int64_t offset_at(const Span *span, int64_t at)
{
    return span->view.itemsize == 4 ? ITEMS(*span, uint32_t)[at] : (int64_t)ITEMS(*span, uint64_t)[at];
}

static inline int32_t position_at(const Store *o, int64_t at)
{
    const Span *span = o->s + POSITIONS;
    return span->view.itemsize == 2 ? ITEMS(*span, uint16_t)[at] : (int32_t)(ITEMS(*span, uint32_t)[at] & 0x7fffffff);
}

/* -- one term ------------------------------------------------------------------------------------------- */

typedef struct {
    const uint32_t *docs; /* NULL: a row */
    const uint8_t *codes;
    int64_t n;              /* postings, or documents of the row */
    int64_t at;             /* of a list: the posting that was looked at last */
    int64_t summed, place;  /* where the positions of this posting or document begin */
    int64_t end;            /* of the term's positions */
    int64_t long_at, long_end;
} Cursor;

static int64_t long_bound(const Store *o, uint32_t term)
{
    const uint32_t *terms = ITEMS(o->s[LONG_TERMS], uint32_t);
    int64_t low = 0, high = o->s[LONG_TERMS].n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (terms[middle] < term)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int open_term(Store *o, int64_t term, Cursor *c, Fault *fault)
{
    if (term < 0 || term >= o->terms)
        return wrong(fault, "a term's number lies beyond the dictionary");
    uint32_t row = ITEMS(o->s[ROW_NUMBERS], uint32_t)[term];
    c->at = c->summed = 0;
    c->place = offset_at(o->s + FIRST_POSITION, term);
    c->end = offset_at(o->s + FIRST_POSITION, term + 1);
    c->long_at = long_bound(o, (uint32_t)term);
    c->long_end = long_bound(o, (uint32_t)term + 1);
    if (row == 0xffffffffu) {
        int64_t begin = offset_at(o->s + FIRST, term), end = offset_at(o->s + FIRST, term + 1);
        if (checked(o, DOCS, begin, end, fault) < 0 || checked(o, CODES, begin, end, fault) < 0)
            return -1;
        c->docs = ITEMS(o->s[DOCS], uint32_t) + begin;
        c->codes = ITEMS(o->s[CODES], uint8_t) + begin;
        c->n = end - begin;
    } else {
        int64_t begin = (int64_t)row * o->row_width;
        if (begin + o->row_width > o->s[ROWS].n)
            return wrong(fault, "a row lies beyond its array");
        if (checked(o, ROWS, begin, begin + o->row_width, fault) < 0)
            return -1;
        c->docs = NULL;
        c->codes = ITEMS(o->s[ROWS], uint8_t) + begin;
        c->n = o->documents;
    }
    return 0;
}

/* The counts of so many codes; up to seven bytes behind them are read, which lie in the file: its sums end it. */
static inline int64_t counts_sum(const uint8_t *codes, int64_t n)
{
    int64_t sum = 0;
    uint64_t eight;
    for (; n >= 8; n -= 8, codes += 8) {
        memcpy(&eight, codes, 8);
        sum += (int64_t)((eight & 0x1f1f1f1f1f1f1f1fu) * 0x0101010101010101u >> 56);
    }
    if (n) {
        memcpy(&eight, codes, 8);
        eight &= (1ull << 8 * n) - 1;
        sum += (int64_t)((eight & 0x1f1f1f1f1f1f1f1fu) * 0x0101010101010101u >> 56);
    }
    return sum;
}

/* How often the term is in a document, each asked for in ascending order; its positions begin at c->place.  What stands
   before is summed only where the term is. */
static inline int64_t count_in(Store *o, Cursor *c, int64_t document, Fault *fault)
{
    int64_t at = document;
    if (c->docs) {
        at = c->at;
        while (at < c->n && c->docs[at] < document)
            at++;
        c->at = at;
        if (at >= c->n || c->docs[at] != document)
            return 0;
    }
    int64_t count = c->codes[at] & 31;
    if (!count)
        return 0;
    if (at > c->summed) {
        c->place += counts_sum(c->codes + c->summed, at - c->summed);
        c->summed = at;
        for (; c->long_at < c->long_end && ITEMS(o->s[LONG_DOCS], uint32_t)[c->long_at] < document; c->long_at++)
            c->place += (int64_t)ITEMS(o->s[LONG_COUNTS], uint32_t)[c->long_at] - 31;
    }
    if (count == 31 && c->long_at < c->long_end && ITEMS(o->s[LONG_DOCS], uint32_t)[c->long_at] == document)
        count = ITEMS(o->s[LONG_COUNTS], uint32_t)[c->long_at];
    if (c->place < 0 || count > c->end - c->place) {
        wrong(fault, "an offset lies beyond its array");
        return -1;
    }
    return checked(o, POSITIONS, c->place, c->place + count, fault) < 0 ? -1 : count;
}

/* -- phrases -------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t *items;
    size_t used, room;
} Places;

static int put_place(Places *places, int64_t place)
{
    if (grow((void **)&places->items, 8, places->used, &places->room) < 0)
        return -1;
    places->items[places->used++] = place;
    return 0;
}

/* Which of the 64 documents from `first` on a term is in, a bit each; asked for in ascending order. */
static uint64_t in_word(Cursor *c, int64_t first)
{
    uint64_t word = 0;
    if (c->docs) {
        while (c->at < c->n && c->docs[c->at] < first)
            c->at++;
        for (int64_t i = c->at; i < c->n && c->docs[i] < first + 64; i++)
            word |= 1ull << (c->docs[i] - first);
        return word;
    }
    if (first + 64 > c->n) {
        for (int64_t i = first; i < c->n; i++)
            word |= (uint64_t)(c->codes[i] != 0) << (i - first);
        return word;
    }
    for (int j = 0; j < 64; j += 8) {
        uint64_t eight;
        memcpy(&eight, c->codes + first + j, 8);
        eight = (((eight & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | eight) & 0x8080808080808080u;
        word |= (eight >> 7) * 0x0102040810204080u >> 56 << j;
    }
    return word;
}

static int add_documents(Store *o, Cursor *c, uint64_t *bits, Fault *fault)
{
    if (!c->docs) {
        for (int64_t first = 0; first < c->n; first += 64)
            bits[first >> 6] |= in_word(c, first);
        return 0;
    }
    for (int64_t i = 0; i < c->n; i++) {
        if (c->docs[i] >= o->documents || (i && c->docs[i] <= c->docs[i - 1]))
            return wrong(fault, "the documents of a term do not ascend, or there are not so many");
        bits[c->docs[i] >> 6] |= 1ull << (c->docs[i] & 63);
    }
    return 0;
}

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

typedef struct {
    int32_t *items;
    size_t used, room;
} Positions;

/* All positions of the terms of a slot in a document, ascending; masks: of each term, as of `in_word`. */
static int positions_in(Store *o, Cursor *cursors, const uint64_t *masks, int64_t terms, int64_t document,
                        Positions *found, Fault *fault)
{
    int several = 0;
    found->used = 0;
    for (int64_t t = 0; t < terms; t++) {
        if (!(masks[t] >> (document & 63) & 1))
            continue;
        int64_t count = count_in(o, cursors + t, document, fault);
        if (count < 0)
            return -1;
        several += count > 0;
        for (int64_t i = 0; i < count; i++) {
            if (grow((void **)&found->items, 4, found->used, &found->room) < 0)
                return no_memory(fault);
            found->items[found->used++] = position_at(o, cursors[t].place + i);
        }
    }
    if (several > 1 && found->used > 32)
        qsort(found->items, found->used, 4, ascending);
    for (size_t i = 1; several > 1 && i < found->used; i++) {
        int32_t own = found->items[i];
        size_t j = i;
        for (; j && found->items[j - 1] > own; j--)
            found->items[j] = found->items[j - 1];
        found->items[j] = own;
    }
    return 0;
}

typedef struct {
    const int64_t *starts;
    int fields; /* below 0: places are wanted, of all fields; else documents and counts of places in these fields */
    long long most; /* documents that are enough */
    Places places, counts;
} Found;

static int field_of(const Store *o, int64_t document, int64_t position)
{
    int64_t title = ITEMS(o->s[TITLE_WIDTH], uint32_t)[document];
    int64_t body = title + 1 + ITEMS(o->s[LEAD_WIDTH], uint32_t)[document];
    return position < title ? 1 : position > body ? 4 : position > title && position < body ? 2 : 0;
}

static inline int note(const Store *o, Found *found, int64_t document, int64_t position, Fault *fault)
{
    if (found->fields < 0)
        return put_place(&found->places, found->starts[document] + position) < 0 ? no_memory(fault) : 0;
    if (found->fields != 7 && !(found->fields & field_of(o, document, position)))
        return 0;
    Places *documents = &found->places, *counts = &found->counts;
    if (documents->used && documents->items[documents->used - 1] == document) {
        counts->items[counts->used - 1]++;
        return 0;
    }
    return put_place(documents, document) < 0 || put_place(counts, 1) < 0 ? no_memory(fault) : 0;
}

/* Two slots of one term each, positions of 16 bits: the most frequent kind. */
static int pair_places(Store *o, Cursor *cursors, int64_t document, Found *found, Fault *fault)
{
    int64_t many = count_in(o, cursors, document, fault), others = many < 0 ? -1 : count_in(o, cursors + 1, document, fault);
    if (others < 0)
        return -1;
    const uint16_t *first = ITEMS(o->s[POSITIONS], uint16_t) + cursors[0].place;
    const uint16_t *second = ITEMS(o->s[POSITIONS], uint16_t) + cursors[1].place;
    for (int64_t i = 0, j = 0; i < many; i++) {
        int32_t wanted = first[i] + 1;
        while (j < others && second[j] < wanted)
            j++;
        if (j == others)
            break;
        if (second[j] == wanted && !(i && first[i] == first[i - 1]) && note(o, found, document, first[i], fault) < 0)
            return -1;
    }
    return 0;
}

static int slot_places(Store *o, Cursor *cursors, const uint64_t *masks, const int64_t *first, int64_t slots,
                       int64_t document, Positions *own, size_t *at, Found *found, Fault *fault)
{
    int64_t fewest = 0;
    for (int64_t s = 0; s < slots; s++) {
        if (positions_in(o, cursors + first[s], masks + first[s], first[s + 1] - first[s], document, own + s, fault) < 0)
            return -1;
        if (!own[s].used)
            return 0;
        at[s] = 0;
        if (own[s].used < own[fewest].used)
            fewest = s;
    }
    for (size_t i = 0; i < own[fewest].used; i++) {
        if (i && own[fewest].items[i] == own[fewest].items[i - 1])
            continue; /* two terms of a slot at one place */
        int64_t begin = (int64_t)own[fewest].items[i] - fewest, s = 0;
        for (; s < slots; s++) {
            while (at[s] < own[s].used && own[s].items[at[s]] < begin + s)
                at[s]++;
            if (at[s] >= own[s].used || own[s].items[at[s]] != begin + s)
                break;
        }
        if (s == slots && note(o, found, document, begin, fault) < 0)
            return -1;
    }
    return 0;
}

static int row_places(Store *o, Cursor *cursors, const int64_t *first, int64_t slots, const uint64_t *bits, int64_t words,
                      Found *found, Fault *fault)
{
    Positions *own = calloc((size_t)slots, sizeof(Positions));
    size_t *at = calloc((size_t)slots, sizeof(size_t));
    uint64_t *masks = malloc(((size_t)first[slots] + 1) * 8);
    int failed = own && at && masks ? 0 : no_memory(fault);
    int pair = slots == 2 && first[1] == 1 && first[2] == 2 && o->s[POSITIONS].view.itemsize == 2;
    for (int64_t word = 0; word < words && !failed && (int64_t)found->places.used < found->most; word++) {
        uint64_t left = bits[word];
        for (int64_t t = 0; left && !pair && t < first[slots]; t++)
            masks[t] = in_word(cursors + t, word * 64);
        for (int64_t document = word * 64; left && !failed; document++, left >>= 1) {
            if (!(left & 1))
                continue;
            failed = pair ? pair_places(o, cursors, document, found, fault)
                          : slot_places(o, cursors, masks, first, slots, document, own, at, found, fault);
        }
    }
    for (int64_t s = 0; own && s < slots; s++)
        free(own[s].items);
    free(own);
    free(at);
    free(masks);
    return failed;
}

static int in_a_row_of(Store *o, const int64_t *terms, const int64_t *first, int64_t slots, const Span *among,
                       Found *found, Fault *fault)
{
    int64_t words = (o->documents + 63) >> 6;
    uint64_t *bits = calloc((size_t)words + 1, 8), *own = calloc((size_t)words + 1, 8);
    Cursor *cursors = malloc(((size_t)first[slots] + 1) * sizeof(Cursor));
    int failed = bits && own && cursors ? 0 : no_memory(fault);
    if (!failed && among) {
        const int64_t *documents = ITEMS(*among, int64_t);
        for (int64_t i = 0; i < among->n && !failed; i++) {
            if (documents[i] < 0 || documents[i] >= o->documents)
                failed = wrong(fault, "there is no such document");
            else
                bits[documents[i] >> 6] |= 1ull << (documents[i] & 63);
        }
    } else if (!failed) {
        memset(bits, 0xff, (size_t)words * 8);
    }
    for (int64_t s = 0; s < slots && !failed; s++) {
        memset(own, 0, (size_t)words * 8);
        for (int64_t t = first[s]; t < first[s + 1] && !failed; t++) {
            failed = open_term(o, terms[t], cursors + t, fault);
            if (!failed)
                failed = add_documents(o, cursors + t, own, fault);
        }
        for (int64_t w = 0; w < words; w++)
            bits[w] &= own[w];
    }
    if (!failed)
        failed = row_places(o, cursors, first, slots, bits, words, found, fault);
    free(bits);
    free(own);
    free(cursors);
    return failed;
}

/* in_a_row(terms, first, starts, among, fields, most) -> (places, b"") or (documents, counts), eight bytes each. */
static PyObject *in_a_row(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *terms, *first, *starts, *among, *result = NULL;
    Found found = {0};
    if (!PyArg_ParseTuple(args, "OOOOiL", &terms, &first, &starts, &among, &found.fields, &found.most))
        return NULL;
    Span s[4] = {{.held = 0}};
    if (span_open(s, terms, 8, 0) < 0 || span_open(s + 1, first, 8, 0) < 0 || span_open(s + 3, starts, 8, 0) < 0 ||
        (among != Py_None && span_open(s + 2, among, 8, 0) < 0))
        goto done;
    const int64_t *offsets = ITEMS(s[1], int64_t);
    int64_t slots = s[1].n - 1;
    int even = slots > 0 && offsets[0] == 0 && offsets[slots] == s[0].n && s[3].n == o->documents;
    for (int64_t i = 0; even && i < slots; i++)
        even = offsets[i] <= offsets[i + 1] && offsets[i + 1] <= s[0].n;
    if (!even) {
        PyErr_SetString(PyExc_ValueError, "the slots of a phrase do not fit together");
        goto done;
    }
    found.starts = ITEMS(s[3], int64_t);
    Fault fault = {.page = -1};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = in_a_row_of(o, ITEMS(s[0], int64_t), offsets, slots, among == Py_None ? NULL : s + 2, &found, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise(o, &fault)
                    : Py_BuildValue("NN",
                          PyBytes_FromStringAndSize((char *)found.places.items, (Py_ssize_t)(8 * found.places.used)),
                          PyBytes_FromStringAndSize((char *)found.counts.items, (Py_ssize_t)(8 * found.counts.used)));
done:
    free(found.places.items);
    free(found.counts.items);
    span_close(s, 4);
    return result;
}

/* -- occurrences ---------------------------------------------------------------------------------------- */

typedef struct {
    int32_t document, position, word, code;
} Occurrence;

typedef struct {
    Occurrence *items;
    size_t used, room;
} Occurrences;

static int before(const void *a, const void *b)
{
    const Occurrence *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* Sorts those of one document; few of them, or runs that ascend. */
static void sort_occurrences(Occurrence *items, size_t n)
{
    if (n > 48) {
        qsort(items, n, sizeof(Occurrence), before);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        Occurrence own = items[i];
        size_t j = i;
        for (; j && before(&own, items + j - 1) < 0; j--)
            items[j] = items[j - 1];
        items[j] = own;
    }
}

static int gather_all(Store *o, const Span *s, int fields, Occurrences *found, Fault *fault)
{
    int64_t terms = s[0].n;
    const int64_t *documents = ITEMS(s[3], int64_t);
    Cursor *cursors = malloc(((size_t)terms + 1) * sizeof(Cursor));
    int failed = cursors ? 0 : no_memory(fault);
    for (int64_t t = 0; t < terms && !failed; t++)
        failed = open_term(o, ITEMS(s[0], int64_t)[t], cursors + t, fault);
    int64_t last = -1;
    for (int64_t i = 0; i < s[3].n && !failed; i++) {
        int64_t document = documents[i];
        if (document <= last || document >= o->documents) {
            failed = wrong(fault, "documents do not ascend");
            break;
        }
        last = document;
        size_t begin = found->used;
        int64_t end = (int64_t)ITEMS(o->s[WIDTH], uint32_t)[document] + 2;
        for (int64_t t = 0; t < terms && !failed; t++) {
            int64_t count = count_in(o, cursors + t, document, fault);
            if (count < 0) {
                failed = -1;
                break;
            }
            for (int64_t k = 0; k < count; k++) {
                int32_t position = position_at(o, cursors[t].place + k);
                if (position >= end) {
                    failed = wrong(fault, "a position lies beyond its document");
                    break;
                }
                if (fields != 7 && !(fields & field_of(o, document, position)))
                    continue;
                if (grow((void **)&found->items, sizeof(Occurrence), found->used, &found->room) < 0) {
                    failed = no_memory(fault);
                    break;
                }
                found->items[found->used++] =
                    (Occurrence){(int32_t)i, position, ITEMS(s[1], int32_t)[t], ITEMS(s[2], int32_t)[t]};
            }
        }
        if (!failed)
            sort_occurrences(found->items + begin, found->used - begin);
    }
    free(cursors);
    return failed;
}

static PyObject *gather(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *objects[4], *result = NULL;
    int fields;
    if (!PyArg_ParseTuple(args, "OOOOi", objects, objects + 1, objects + 2, objects + 3, &fields))
        return NULL;
    static const Py_ssize_t sizes[4] = {8, 4, 4, 8};
    Span s[4] = {{.held = 0}};
    Occurrences found = {0};
    for (int i = 0; i < 4; i++)
        if (span_open(s + i, objects[i], sizes[i], 0) < 0)
            goto done;
    if (s[1].n != s[0].n || s[2].n != s[0].n) {
        PyErr_SetString(PyExc_ValueError, "each term needs a word and a code");
        goto done;
    }
    Fault fault = {.page = -1};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = gather_all(o, s, fields, &found, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise(o, &fault)
                    : PyBytes_FromStringAndSize((char *)found.items, (Py_ssize_t)(sizeof(Occurrence) * found.used));
done:
    free(found.items);
    span_close(s, 4);
    return result;
}

/* -- impacts -------------------------------------------------------------------------------------------- */

static inline uint32_t tenths_of(uint8_t code) { return 10u * (code & 31) + 10u * (code >> 5 & 3) + 3u * (code >> 7); }

WIDE static void add_tenths(uint32_t *total, const uint8_t *codes, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        total[i] += tenths_of(codes[i]);
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

WIDE static int64_t share_out(const uint8_t *own, uint8_t *every, float share, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        float less = (float)every[i] * share;
        int32_t whole = (int32_t)less;
        whole += (float)whole < less;
        every[i] = own[i] ? own[i] : (uint8_t)whole;
        count += every[i] != 0;
    }
    return count;
}

enum { BLOCK = 4096 }; /* documents whose sums stay in the processor's nearest cache */

/* Adds the tenths of the terms in documents begin..begin + n, each block behind the one before. */
static int add_block(Store *o, Cursor *cursors, int64_t terms, int64_t begin, int64_t n, uint32_t *total, Fault *fault)
{
    memset(total, 0, (size_t)n * 4);
    for (int64_t t = 0; t < terms; t++) {
        Cursor *c = cursors + t;
        if (!c->docs)
            add_tenths(total, c->codes + begin, n);
        for (; c->docs && c->at < c->n && c->docs[c->at] < begin + n; c->at++) {
            if (c->docs[c->at] < begin)
                return wrong(fault, "the documents of a term do not ascend");
            total[c->docs[c->at] - begin] += tenths_of(c->codes[c->at]);
        }
        for (; c->long_at < c->long_end; c->long_at++) {
            int64_t document = ITEMS(o->s[LONG_DOCS], uint32_t)[c->long_at];
            if (document >= begin + n)
                break;
            if (document < begin)
                return wrong(fault, "the documents of a term do not ascend");
            total[document - begin] += 10 * (ITEMS(o->s[LONG_COUNTS], uint32_t)[c->long_at] - 31);
        }
    }
    return 0;
}

/* Fills the impacts of `every`, or those of `own` and else a share of those of `every`; how many are not 0. */
static int64_t fill_row(Store *o, const Span *own, const Span *every, float share, const float *norm, uint8_t *row,
                        Fault *fault)
{
    uint32_t total[BLOCK];
    uint8_t mine[BLOCK];
    int64_t owned = own ? own->n : 0, count = 0;
    Cursor *cursors = malloc(((size_t)(owned + every->n) + 1) * sizeof(Cursor));
    int failed = cursors ? 0 : no_memory(fault);
    for (int64_t t = 0; t < owned && !failed; t++)
        failed = open_term(o, ITEMS(*own, int64_t)[t], cursors + t, fault);
    for (int64_t t = 0; t < every->n && !failed; t++)
        failed = open_term(o, ITEMS(*every, int64_t)[t], cursors + owned + t, fault);
    for (int64_t begin = 0; begin < o->documents && !failed; begin += BLOCK) {
        int64_t n = o->documents - begin < BLOCK ? o->documents - begin : BLOCK;
        if (own) {
            if ((failed = add_block(o, cursors, owned, begin, n, total, fault)))
                break;
            saturate(total, norm + begin, mine, n);
        }
        if ((failed = add_block(o, cursors + owned, every->n, begin, n, total, fault)))
            break;
        saturate(total, norm + begin, row + begin, n);
        if (own)
            count += share_out(mine, row + begin, share, n);
        else
            for (int64_t i = 0; i < n; i++)
                count += row[begin + i] != 0;
    }
    for (int64_t t = 0; t < owned + every->n && !failed; t++)
        if (cursors[t].docs && cursors[t].at < cursors[t].n)
            failed = wrong(fault, "a posting names a document that there is not");
    free(cursors);
    return failed ? -1 : count;
}

/* impacts(terms, norm, row): fills one byte a document; how many are not 0. */
static PyObject *impacts(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *terms, *norm, *row, *result = NULL;
    if (!PyArg_ParseTuple(args, "OOO", &terms, &norm, &row))
        return NULL;
    Span s[3] = {{.held = 0}};
    if (span_open(s, terms, 8, 0) < 0 || span_open(s + 1, row, 1, 1) < 0 || span_open(s + 2, norm, 4, 0) < 0)
        goto done;
    if (s[1].n != o->documents || s[2].n != o->documents) {
        PyErr_SetString(PyExc_ValueError, "a row has one byte a document");
        goto done;
    }
    Fault fault = {.page = -1};
    int64_t count;
    Py_BEGIN_ALLOW_THREADS;
    count = fill_row(o, NULL, s, 0, ITEMS(s[2], float), ITEMS(s[1], uint8_t), &fault);
    Py_END_ALLOW_THREADS;
    result = count < 0 ? raise(o, &fault) : PyLong_FromLongLong(count);
done:
    span_close(s, 3);
    return result;
}

/* spelled(own, every, share, norm, row): impacts of own; where they are 0, a share of those of every, rounded up. */
static PyObject *spelled(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *own, *every, *norm, *row, *result = NULL;
    float share;
    if (!PyArg_ParseTuple(args, "OOfOO", &own, &every, &share, &norm, &row))
        return NULL;
    Span s[4] = {{.held = 0}};
    if (span_open(s, own, 8, 0) < 0 || span_open(s + 1, every, 8, 0) < 0 || span_open(s + 2, norm, 4, 0) < 0 ||
        span_open(s + 3, row, 1, 1) < 0)
        goto done;
    if (s[2].n != o->documents || s[3].n != o->documents || !(share >= 0 && share <= 1)) {
        PyErr_SetString(PyExc_ValueError, "a row has one byte a document, a share is at most 1");
        goto done;
    }
    Fault fault = {.page = -1};
    int64_t count;
    Py_BEGIN_ALLOW_THREADS;
    count = fill_row(o, s, s + 1, share, ITEMS(s[2], float), ITEMS(s[3], uint8_t), &fault);
    Py_END_ALLOW_THREADS;
    result = count < 0 ? raise(o, &fault) : PyLong_FromLongLong(count);
done:
    span_close(s, 4);
    return result;
}

static int sum_at(Store *o, const Span *terms, const Span *documents, uint32_t *total, Fault *fault)
{
    const int64_t *wanted = ITEMS(*documents, int64_t);
    memset(total, 0, (size_t)documents->n * 4);
    for (int64_t t = 0; t < terms->n; t++) {
        Cursor c;
        if (open_term(o, ITEMS(*terms, int64_t)[t], &c, fault) < 0)
            return -1;
        for (int64_t i = 0; i < documents->n; i++) {
            int64_t at = wanted[i];
            while (c.docs && c.at < c.n && c.docs[c.at] < wanted[i])
                c.at++;
            if (c.docs && (at = c.at) == c.n)
                break;
            if (c.docs && c.docs[at] != wanted[i])
                continue;
            total[i] += tenths_of(c.codes[at]);
            while (c.long_at < c.long_end && ITEMS(o->s[LONG_DOCS], uint32_t)[c.long_at] < wanted[i])
                c.long_at++;
            if (c.long_at < c.long_end && ITEMS(o->s[LONG_DOCS], uint32_t)[c.long_at] == wanted[i])
                total[i] += 10 * (ITEMS(o->s[LONG_COUNTS], uint32_t)[c.long_at] - 31);
        }
    }
    return 0;
}

/* impacts_at(own, every, share, norm, documents, found): as `spelled`, of some documents, ascending. */
static PyObject *impacts_at(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *objects[5], *result = NULL;
    float share;
    if (!PyArg_ParseTuple(args, "OOfOOO", objects, objects + 1, &share, objects + 2, objects + 3, objects + 4))
        return NULL;
    static const Py_ssize_t sizes[5] = {8, 8, 4, 8, 1};
    Span s[5] = {{.held = 0}};
    uint32_t *total = NULL;
    for (int i = 0; i < 5; i++)
        if (span_open(s + i, objects[i], sizes[i], i == 4) < 0)
            goto done;
    int even = s[2].n == o->documents && s[4].n == s[3].n && share >= 0 && share <= 1;
    for (int64_t i = 0; even && i < s[3].n; i++)
        even = ITEMS(s[3], int64_t)[i] < o->documents && ITEMS(s[3], int64_t)[i] > (i ? ITEMS(s[3], int64_t)[i - 1] : -1);
    if (!even) {
        PyErr_SetString(PyExc_ValueError, "expected documents that ascend, and a byte for each");
        goto done;
    }
    size_t n = (size_t)s[3].n;
    total = malloc((n + 1) * (4 + 4 + 1));
    if (!total) {
        PyErr_NoMemory();
        goto done;
    }
    Fault fault = {.page = -1};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    float *norm = (float *)(total + n + 1);
    uint8_t *mine = (uint8_t *)(norm + n + 1), *found = ITEMS(s[4], uint8_t);
    for (size_t i = 0; i < n; i++)
        norm[i] = ITEMS(s[2], float)[ITEMS(s[3], int64_t)[i]];
    failed = sum_at(o, s, s + 3, total, &fault);
    saturate(total, norm, mine, (int64_t)n);
    if (!failed)
        failed = sum_at(o, s + 1, s + 3, total, &fault);
    saturate(total, norm, found, (int64_t)n);
    share_out(mine, found, share, (int64_t)n);
    Py_END_ALLOW_THREADS;
    if (failed) {
        raise(o, &fault);
    } else {
        Py_INCREF(Py_None);
        result = Py_None;
    }
done:
    free(total);
    span_close(s, 5);
    return result;
}

/* size(terms): how many documents have any of them. */
static PyObject *size(PyObject *self, PyObject *terms)
{
    Store *o = (Store *)self;
    Span s = {.held = 0};
    PyObject *result = NULL;
    if (span_open(&s, terms, 8, 0) < 0) {
        span_close(&s, 1);
        return NULL;
    }
    Fault fault = {.page = -1};
    int failed;
    int64_t count = 0;
    Py_BEGIN_ALLOW_THREADS;
    int64_t words = (o->documents + 63) >> 6;
    uint64_t *bits = calloc((size_t)words + 1, 8);
    failed = bits ? 0 : no_memory(&fault);
    for (int64_t t = 0; t < s.n && !failed; t++) {
        Cursor c;
        failed = open_term(o, ITEMS(s, int64_t)[t], &c, &fault);
        if (!failed)
            failed = add_documents(o, &c, bits, &fault);
    }
    for (int64_t w = 0; w < words && !failed; w++)
        for (uint64_t left = bits[w]; left; left &= left - 1)
            count++;
    free(bits);
    Py_END_ALLOW_THREADS;
    result = failed ? raise(o, &fault) : PyLong_FromLongLong(count);
    span_close(&s, 1);
    return result;
}

/* -- dictionary ----------------------------------------------------------------------------------------- */

/* The first string that is not less than the key; all of them lie in the blob, as `ends` ascend. */
static int64_t bisect(Store *o, int blob, int ends, int64_t low, int64_t high, const uint8_t *key, int64_t length,
                      int *same, Fault *fault)
{
    const int64_t *end = ITEMS(o->s[ends], int64_t);
    *same = 0;
    while (low < high) {
        int64_t middle = (low + high) / 2, begin = middle ? end[middle - 1] : 0, n = end[middle] - begin;
        if (checked(o, blob, begin, end[middle], fault) < 0)
            return -1;
        int order = memcmp(ITEMS(o->s[blob], uint8_t) + begin, key, (size_t)(n < length ? n : length));
        if (!order)
            order = n < length ? -1 : n > length;
        if (!order)
            *same = 1;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* find(folded) -> (first, last) of the exact terms that fold so. */
static PyObject *find_folded(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    const char *key;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "s#", &key, &length))
        return NULL;
    Fault fault = {.page = -1};
    int same;
    int64_t at = bisect(o, FOLDED, FOLDED_ENDS, 0, o->s[FOLDED_ENDS].n, (const uint8_t *)key, length, &same, &fault);
    if (at < 0)
        return raise(o, &fault);
    const uint32_t *first = ITEMS(o->s[FOLDED_FIRST], uint32_t);
    return same ? Py_BuildValue("LL", (long long)first[at], (long long)first[at + 1]) : Py_BuildValue("LL", 0LL, 0LL);
}

/* find(folded, exact) -> the number of the exact term, below 0 where there is none. */
static PyObject *find(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    const char *folded, *key;
    Py_ssize_t folded_length, length;
    if (!PyArg_ParseTuple(args, "s#s#", &folded, &folded_length, &key, &length))
        return NULL;
    Fault fault = {.page = -1};
    int same;
    int64_t at = bisect(o, FOLDED, FOLDED_ENDS, 0, o->s[FOLDED_ENDS].n, (const uint8_t *)folded, folded_length, &same,
                        &fault);
    if (at >= 0 && same) {
        const uint32_t *first = ITEMS(o->s[FOLDED_FIRST], uint32_t);
        at = bisect(o, TERMS, TERM_ENDS, first[at], first[at + 1], (const uint8_t *)key, length, &same, &fault);
    }
    if (at < 0)
        return raise(o, &fault);
    return PyLong_FromLongLong(same ? at : -1);
}

/* -- the type ------------------------------------------------------------------------------------------- */

static int arrange(Store *o)
{
    const uint8_t *map = ITEMS(o->s[MAP], uint8_t);
    for (int i = 0; i < ARRAYS; i++) {
        const uint8_t *own = o->s[i].view.buf;
        o->offset[i] = own >= map && own + o->s[i].view.len <= map + o->s[MAP].n ? own - map : -1;
    }
    static const int of_file[] = {DOCS, CODES, ROWS, POSITIONS, FOLDED, TERMS};
    for (size_t i = 0; i < sizeof of_file / sizeof *of_file; i++)
        if (o->s[of_file[i]].view.len && o->offset[of_file[i]] < 0)
            return -1;
    o->terms = o->s[ROW_NUMBERS].n;
    o->documents = o->s[WIDTH].n;
    o->row_width = (o->documents + 7) / 8 * 8;
    int64_t terms = o->terms, documents = o->documents, folded = o->s[FOLDED_ENDS].n;
    if (o->end < 0 || o->end + 8 > o->s[MAP].n || o->s[PENDING].n != (o->end + PAGE - 1) >> PAGE_BITS ||
        o->s[NEAR].n != o->s[PENDING].n || o->s[SUMS].n != o->s[PENDING].n || documents > INT32_MAX ||
        o->s[CODES].n != o->s[DOCS].n || o->s[FIRST].n != terms + 1 || o->s[FIRST_POSITION].n != terms + 1 ||
        o->s[LONG_DOCS].n != o->s[LONG_TERMS].n || o->s[LONG_COUNTS].n != o->s[LONG_TERMS].n ||
        o->s[TITLE_WIDTH].n != documents || o->s[LEAD_WIDTH].n != documents ||
        o->s[TERM_ENDS].n != terms || o->s[FOLDED_FIRST].n != folded + 1)
        return -1;
    for (int which = FIRST; which <= FIRST_POSITION; which++) {
        int64_t last = 0, most = which == FIRST ? o->s[DOCS].n : o->s[POSITIONS].n;
        for (int64_t i = 0; i <= terms; i++) {
            int64_t own = offset_at(o->s + which, i);
            if (own < last || own > most)
                return -1;
            last = own;
        }
    }
    for (int which = FOLDED_ENDS; which <= TERM_ENDS; which++) {
        int64_t last = 0, most = which == TERM_ENDS ? o->s[TERMS].n : o->s[FOLDED].n;
        for (int64_t i = 0; i < o->s[which].n; i++) {
            int64_t own = ITEMS(o->s[which], int64_t)[i];
            if (own < last || own > most)
                return -1;
            last = own;
        }
    }
    for (int64_t i = 0; i <= folded; i++)
        if (ITEMS(o->s[FOLDED_FIRST], uint32_t)[i] > terms ||
            (i && ITEMS(o->s[FOLDED_FIRST], uint32_t)[i] < ITEMS(o->s[FOLDED_FIRST], uint32_t)[i - 1]))
            return -1;
    return 0;
}

static int store_clear(PyObject *self)
{
    Store *o = (Store *)self;
    span_close(o->s, SPANS);
    PyObject *check = o->check, *broken = o->broken;
    o->check = o->broken = NULL;
    Py_XDECREF(check);
    Py_XDECREF(broken);
    return 0;
}

static PyObject *store_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    (void)keywords;
    PyObject *arrays, *pages[4], *check, *broken;
    long long end;
    if (!PyArg_ParseTuple(args, "O!OOOOLOO", &PyTuple_Type, &arrays, pages, pages + 1, pages + 2, pages + 3, &end, &check,
                          &broken))
        return NULL;
    if (PyTuple_Size(arrays) != ARRAYS) {
        PyErr_Format(PyExc_ValueError, "expected %d arrays, got %zd", ARRAYS, PyTuple_Size(arrays));
        return NULL;
    }
    Store *o = (Store *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!o)
        return NULL;
    o->end = end;
    o->check = Py_NewRef(check);
    o->broken = Py_NewRef(broken);
    static const Py_ssize_t sizes[SPANS] = {4, 1, 1, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 1, 1, 8, 8, 4, 1, 1, 1, 4};
    for (int i = 0; i < SPANS; i++) {
        PyObject *object = i < ARRAYS ? PyTuple_GetItem(arrays, i) : pages[i - ARRAYS];
        Py_buffer view; /* of offsets and positions either size will do */
        Py_ssize_t size = sizes[i];
        if (!size) {
            if (PyObject_GetBuffer(object, &view, PyBUF_CONTIG_RO) < 0)
                goto failed;
            size = view.itemsize;
            PyBuffer_Release(&view);
            if (size != 4 && size != (i == POSITIONS ? 2 : 8)) {
                PyErr_SetString(PyExc_ValueError, "offsets or positions of an unknown size");
                goto failed;
            }
        }
        if (span_open(o->s + i, object, size, i == PENDING || i == NEAR) < 0)
            goto failed;
    }
    if (arrange(o) < 0) {
        PyErr_SetString(PyExc_ValueError, "the arrays of a segment do not fit together");
        goto failed;
    }
    return (PyObject *)o;
failed:
    Py_DECREF(o);
    return NULL;
}

static void store_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    store_clear(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef store_methods[] = {
    {"in_a_row", in_a_row, METH_VARARGS, NULL},
    {"gather", gather, METH_VARARGS, NULL},
    {"impacts", impacts, METH_VARARGS, NULL},
    {"spelled", spelled, METH_VARARGS, NULL},
    {"impacts_at", impacts_at, METH_VARARGS, NULL},
    {"size", size, METH_O, NULL},
    {"find", find, METH_VARARGS, NULL},
    {"find_folded", find_folded, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot store_slots[] = {
    {Py_tp_new, store_new}, {Py_tp_dealloc, store_dealloc}, {Py_tp_methods, store_methods}, {0, NULL},
};

static PyType_Spec store_spec = {
    .name = "vnsearch.kernels._native.Store",
    .basicsize = sizeof(Store),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = store_slots,
};

int add_store(PyObject *module)
{
    make_crc_tables();
    PyObject *type = PyType_FromModuleAndSpec(module, &store_spec, NULL);
    if (!type)
        return -1;
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}
