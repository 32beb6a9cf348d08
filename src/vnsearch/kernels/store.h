/* Store: the postings and positions of a mapped segment.  A page is checked before something of it is read, and every
   number from the file before it is an address; what is wrong is said by Python (`check`, `broken`). */
#ifndef VNSEARCH_STORE_H
#define VNSEARCH_STORE_H
#include "native.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { PAGE_BITS = 12, PAGE = 1 << PAGE_BITS };

enum { DOCS, CODES, ROWS, POSITIONS, FIRST, FIRST_POSITION, ROW_NUMBERS, LONG_TERMS, LONG_DOCS, LONG_COUNTS,
       WIDTH, TITLE_WIDTH, LEAD_WIDTH, FOLDED, TERMS, WORDS, FOLDED_ENDS, TERM_ENDS, WORD_ENDS, FOLDED_FIRST, DF, ARRAYS };
enum { MAP = ARRAYS, PENDING, NEAR, SUMS, SPANS };

typedef struct {
    PyObject_HEAD
    Span s[SPANS];
    PyObject *check, *broken, *late;
    int64_t documents, terms, end, row_width;
    int64_t offset[ARRAYS]; /* in the file; below 0 where an array is not of it */
} Store;

/* What went wrong in a kernel while Python's lock was released. */
typedef struct {
    int64_t page;      /* one that is not what was written */
    const char *wrong; /* or this */
    int memory;        /* or there was none */
    int late;          /* or the time is over */
    double end;        /* of the time, as `now` counts; 0 where it has none */
    int64_t work;      /* since the clock was read */
} Fault;

double now(void);

/* The end of so many seconds, a moment later than Python's clock says so; 0 for none. */
static inline double end_of(double seconds) { return seconds < 1e9 ? now() + seconds + 1e-6 : 0; }

enum { WORK = 1 << 18 }; /* steps of about a nanosecond, between two looks at the clock */

/* So many steps are to be done: below 0 when there is no time for them. */
static inline int spend(Fault *fault, int64_t work)
{
    fault->work += work;
    if (fault->end == 0 || fault->work < WORK)
        return 0;
    fault->work = 0;
    fault->late = now() >= fault->end;
    return -fault->late;
}

/* Where one term stands.  Documents are asked for in ascending order. */
typedef struct {
    const uint32_t *docs; /* NULL: a row */
    const uint8_t *codes;
    int64_t n;             /* postings, or documents of the row */
    int64_t at;            /* of a list: the posting that was read last */
    int64_t from;          /* and where documents are looked for next */
    int64_t summed, place; /* where the positions of this posting or document begin */
    int64_t end;           /* of the term's positions */
    int64_t long_at, long_end;
} Cursor;

int check_page(Store *o, int64_t page, Fault *fault);
PyObject *raise_fault(Store *o, const Fault *fault);
int open_term(Store *o, int64_t term, Cursor *c, Fault *fault);

/* Sets the bit of each of a term's documents among so many first ones. */
int add_documents(const Store *o, const Cursor *c, int64_t documents, uint64_t *bits, Fault *fault);

/* One byte a document, or None. */
int span_allowed(Store *o, Span *span, PyObject *allowed);

/* Numbers of terms, from a tuple of Python's; below 0 with an exception. */
int add_ints(PyObject *tuple, Ints *found);

static inline int wrong(Fault *fault, const char *what)
{
    fault->wrong = what;
    return -1;
}

static inline int no_memory(Fault *fault)
{
    fault->memory = 1;
    return -1;
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

static inline int32_t position_at(const Store *o, int64_t at)
{
    const Span *span = o->s + POSITIONS;
    return span->view.itemsize == 2 ? ITEMS(*span, uint16_t)[at] : (int32_t)(ITEMS(*span, uint32_t)[at] & 0x7fffffff);
}

/* Where the first posting of a list stands whose document is not below this one; none before `at` is. */
static inline int64_t posting_from(const uint32_t *docs, int64_t n, int64_t at, int64_t document)
{
    if (at >= n || docs[at] >= document)
        return at;
    int64_t step = 1;
    while (at + step < n && docs[at + step] < document) {
        at += step;
        step *= 2;
    }
    int64_t high = at + step < n ? at + step : n;
    while (high - at > 1) {
        int64_t middle = at + (high - at) / 2;
        if (docs[middle] < document)
            at = middle;
        else
            high = middle;
    }
    return high;
}

static inline uint32_t long_document(const Store *o, int64_t at) { return ITEMS(o->s[LONG_DOCS], uint32_t)[at]; }
static inline uint32_t long_count(const Store *o, int64_t at) { return ITEMS(o->s[LONG_COUNTS], uint32_t)[at]; }

/* Which of eight codes are not 0, a bit each; all eight lie in the file: its sums end it. */
static inline uint64_t nonzero(const uint8_t *codes)
{
    uint64_t eight;
    memcpy(&eight, codes, 8);
    eight = (((eight & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | eight) & 0x8080808080808080u;
    return (eight >> 7) * 0x0102040810204080u >> 56;
}

/* Which of 64 are not 0. */
static inline uint64_t nonzero_of_64(const uint8_t *codes)
{
    uint64_t found = 0;
#ifdef __SSE2__
    for (int i = 0; i < 64; i += 16) {
        __m128i none = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(codes + i)), _mm_setzero_si128());
        found |= (uint64_t)(uint16_t)~_mm_movemask_epi8(none) << i;
    }
#else
    for (int i = 0; i < 64; i += 8)
        found |= nonzero(codes + i) << i;
#endif
    return found;
}

/* The counts of so many codes; up to seven bytes behind them are read, which lie in the file: its sums end it. */
static inline int64_t counts_sum(const uint8_t *codes, int64_t n)
{
    int64_t sum = 0;
    uint64_t eight;
#ifdef __SSE2__
    if (n >= 16) {
        __m128i all = _mm_setzero_si128(), most = _mm_set1_epi8(31);
        for (; n >= 16; n -= 16, codes += 16) {
            __m128i counts = _mm_and_si128(_mm_loadu_si128((const __m128i *)codes), most);
            all = _mm_add_epi64(all, _mm_sad_epu8(counts, _mm_setzero_si128()));
        }
        sum = _mm_cvtsi128_si64(all) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(all, all));
    }
#endif
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
        at = c->at = posting_from(c->docs, c->n, c->at, document);
        if (at >= c->n || c->docs[at] != document)
            return 0;
    }
    int64_t count = c->codes[at] & 31;
    if (!count)
        return 0;
    if (at > c->summed) {
        c->place += counts_sum(c->codes + c->summed, at - c->summed);
        c->summed = at;
        for (; c->long_at < c->long_end && long_document(o, c->long_at) < document; c->long_at++)
            c->place += (int64_t)long_count(o, c->long_at) - 31;
    }
    if (count == 31 && c->long_at < c->long_end && long_document(o, c->long_at) == document)
        count = long_count(o, c->long_at);
    if (c->place < 0 || count > c->end - c->place) {
        wrong(fault, "an offset lies beyond its array");
        return -1;
    }
    return checked(o, POSITIONS, c->place, c->place + count, fault) < 0 ? -1 : count;
}

/* 1: title, 2: lead, 4: body, 0: between them. */
static inline int field_of(const Store *o, int64_t document, int64_t position)
{
    int64_t title = ITEMS(o->s[TITLE_WIDTH], uint32_t)[document];
    int64_t body = title + 1 + ITEMS(o->s[LEAD_WIDTH], uint32_t)[document];
    return position < title ? 1 : position > body ? 4 : position > title && position < body ? 2 : 0;
}

#endif
