/* The type Store: its pages and terms; its methods are in `dictionary`, `matches`, `scores` and `pairs`. */
#include "store.h"
#include <time.h>

double now(void)
{
    struct timespec time;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &time);
#else
    timespec_get(&time, TIME_UTC);
#endif
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

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

static uint32_t crc32_after(uint32_t c, const uint8_t *at, size_t n)
{
    for (; n >= 8; n -= 8, at += 8) {
        uint32_t a = c ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
        c = crc_tables[7][a & 255] ^ crc_tables[6][a >> 8 & 255] ^ crc_tables[5][a >> 16 & 255] ^ crc_tables[4][a >> 24] ^
            crc_tables[3][at[4]] ^ crc_tables[2][at[5]] ^ crc_tables[1][at[6]] ^ crc_tables[0][at[7]];
    }
    for (; n; n--, at++)
        c = c >> 8 ^ crc_tables[0][(c ^ *at) & 255];
    return c;
}

#if defined(__GNUC__) && defined(__x86_64__)
#include <wmmintrin.h>

/* Of 64 bytes and more, by carry-less multiplication (Gopal et al. 2009, "Fast CRC Computation for Generic Polynomials
   Using PCLMULQDQ"): what is read so far is held as 64, then as 16 bytes with the same remainder. */
__attribute__((target("pclmul"))) static uint32_t crc32_folded(const uint8_t *at, size_t n)
{
    const __m128i by_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    __m128i held[4];
    uint8_t rest[16];
    for (int i = 0; i < 4; i++)
        held[i] = _mm_loadu_si128((const __m128i *)at + i);
    held[0] = _mm_xor_si128(held[0], _mm_cvtsi32_si128(-1));
#define FOLDED(x, by) _mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x00), _mm_clmulepi64_si128(x, by, 0x11))
    for (at += 64, n -= 64; n >= 64; at += 64, n -= 64)
        for (int i = 0; i < 4; i++)
            held[i] = _mm_xor_si128(FOLDED(held[i], by_64), _mm_loadu_si128((const __m128i *)at + i));
    for (int i = 1; i < 4; i++)
        held[i] = _mm_xor_si128(FOLDED(held[i - 1], by_16), held[i]);
#undef FOLDED
    _mm_storeu_si128((__m128i *)rest, held[3]);
    return ~crc32_after(crc32_after(0, rest, sizeof rest), at, n);
}

static uint32_t crc32_of(const uint8_t *at, size_t n)
{
    return n >= 64 && __builtin_cpu_supports("pclmul") ? crc32_folded(at, n) : ~crc32_after(0xffffffffu, at, n);
}
#else
static uint32_t crc32_of(const uint8_t *at, size_t n) { return ~crc32_after(0xffffffffu, at, n); }
#endif

int check_page(Store *o, int64_t page, Fault *fault)
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

PyObject *raise_fault(Store *o, const Fault *fault)
{
    PyObject *said = NULL;
    if (fault->memory)
        return PyErr_NoMemory();
    if (fault->late) {
        said = PyObject_CallNoArgs(o->late);
        if (said) { /* it should have raised */
            Py_DECREF(said);
            PyErr_SetString(PyExc_RuntimeError, "the time is over, and then it is not");
        }
        return NULL;
    }
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

/* -- one term ------------------------------------------------------------------------------------------- */

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

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
/* The bits of so many times 64 codes, 32 at once. */
__attribute__((target("avx2"))) static void add_row_wide(const uint8_t *codes, int64_t words, uint64_t *bits)
{
    const __m256i *own = (const __m256i *)codes, none = _mm256_setzero_si256();
    for (int64_t i = 0; i < words; i++) {
        uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(own + 2 * i), none));
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(own + 2 * i + 1), none));
        bits[i] |= ~((uint64_t)high << 32 | low);
    }
}

static int is_wide(void) { return __builtin_cpu_supports("avx2"); }
#else
static void add_row_wide(const uint8_t *codes, int64_t words, uint64_t *bits) { (void)codes, (void)words, (void)bits; }
static int is_wide(void) { return 0; }
#endif

int add_documents(const Store *o, const Cursor *c, int64_t documents, uint64_t *bits, Fault *fault)
{
    int64_t at = 0;
    if (c->docs) {
        for (; at < c->n && c->docs[at] < documents && (!at || c->docs[at] > c->docs[at - 1]); at++)
            bits[c->docs[at] >> 6] |= 1ull << (c->docs[at] & 63);
        if (at < c->n && (c->docs[at] < documents || c->docs[at] >= o->documents))
            return wrong(fault, "the documents of a term do not ascend, or there are not so many");
        return 0;
    }
    if (is_wide()) {
        add_row_wide(c->codes, documents / 64, bits);
        at = documents / 64 * 64;
    }
    for (; at + 64 <= documents; at += 64)
        bits[at >> 6] |= nonzero_of_64(c->codes + at);
    for (; at < documents; at++)
        bits[at >> 6] |= (uint64_t)(c->codes[at] != 0) << (at & 63);
    return 0;
}

int open_term(Store *o, int64_t term, Cursor *c, Fault *fault)
{
    if (term < 0 || term >= o->terms)
        return wrong(fault, "a term's number lies beyond the dictionary");
    uint32_t row = ITEMS(o->s[ROW_NUMBERS], uint32_t)[term];
    c->at = c->from = c->summed = 0;
    c->place = offset_at(o->s + FIRST_POSITION, term);
    c->end = offset_at(o->s + FIRST_POSITION, term + 1);
    c->long_at = long_bound(o, (uint32_t)term);
    /* most terms have no long counts */
    int is_long = c->long_at < o->s[LONG_TERMS].n && ITEMS(o->s[LONG_TERMS], uint32_t)[c->long_at] == term;
    c->long_end = is_long ? long_bound(o, (uint32_t)term + 1) : c->long_at;
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

int add_ints(PyObject *tuple, Ints *found)
{
    if (!PyTuple_Check(tuple)) {
        PyErr_SetString(PyExc_TypeError, "expected a tuple of numbers");
        return -1;
    }
    for (Py_ssize_t i = 0, n = PyTuple_Size(tuple); i < n; i++) {
        int64_t own = PyLong_AsLongLong(PyTuple_GetItem(tuple, i));
        if (own == -1 && PyErr_Occurred())
            return -1;
        if (put_int(found, own) < 0) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

/* -- the type ------------------------------------------------------------------------------------------- */

static int arrange(Store *o)
{
    const uint8_t *map = ITEMS(o->s[MAP], uint8_t);
    for (int i = 0; i < ARRAYS; i++) {
        const uint8_t *own = o->s[i].view.buf;
        o->offset[i] = own >= map && own + o->s[i].view.len <= map + o->s[MAP].n ? own - map : -1;
    }
    static const int of_file[] = {DOCS, CODES, ROWS, POSITIONS, FOLDED, TERMS, WORDS};
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
        o->s[TERM_ENDS].n != terms || o->s[DF].n != terms || o->s[FOLDED_FIRST].n != folded + 1)
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
    for (int which = FOLDED_ENDS; which <= WORD_ENDS; which++) {
        int64_t last = 0, most = o->s[which - FOLDED_ENDS + FOLDED].n;
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
    PyObject *own[] = {o->check, o->broken, o->late};
    o->check = o->broken = o->late = NULL;
    for (int i = 0; i < 3; i++)
        Py_XDECREF(own[i]);
    return 0;
}

static PyObject *store_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    (void)keywords;
    PyObject *arrays, *pages[4], *check, *broken, *late;
    long long end;
    if (!PyArg_ParseTuple(args, "O!OOOOLOOO", &PyTuple_Type, &arrays, pages, pages + 1, pages + 2, pages + 3, &end, &check,
                          &broken, &late))
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
    o->late = Py_NewRef(late);
    static const Py_ssize_t sizes[SPANS] = {4, 1, 1, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 1, 1, 1, 8, 8, 8, 4, 4, 1, 1, 1, 4};
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
    {"size", size, METH_O, NULL},
    {"having", having, METH_VARARGS, NULL},
    {"in_a_row", in_a_row, METH_VARARGS, NULL},
    {"gather", gather, METH_VARARGS, NULL},
    {"pairs", pairs, METH_VARARGS, NULL},
    {"together", together, METH_VARARGS, NULL},
    {"scores", scores, METH_VARARGS, NULL},
    {"best", best, METH_VARARGS, NULL},
    {"find", find, METH_VARARGS, NULL},
    {"find_folded", find_folded, METH_VARARGS, NULL},
    {"find_words", find_words, METH_VARARGS, NULL},
    {"words_among", words_among, METH_VARARGS, NULL},
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
