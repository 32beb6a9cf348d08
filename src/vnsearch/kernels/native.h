/* What the compiled kernels share: the stable ABI of Python 3.11, and arrays as checked spans of memory. */
#ifndef VNSEARCH_NATIVE_H
#define VNSEARCH_NATIVE_H
/* No format with '#': built with Python 3.13's headers, those fail on 3.11 and 3.12. */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Items of one size, contiguous, of an object that gives its memory (a NumPy array, bytes). */
typedef struct {
    Py_buffer view;
    int64_t n; /* items */
    int held;
} Span;

int span_open(Span *span, PyObject *object, Py_ssize_t item, int writable);
void span_close(Span *spans, int number);

#define ITEMS(span, type) ((type *)(span).view.buf)

/* A growing block of memory; `grow` leaves room for one more item. */
int grow(void **items, size_t item, size_t used, size_t *room);

typedef struct {
    int64_t *items;
    size_t used, room;
} Ints;

static inline int put_int(Ints *ints, int64_t own)
{
    if (grow((void **)&ints->items, 8, ints->used, &ints->room) < 0)
        return -1;
    ints->items[ints->used++] = own;
    return 0;
}

/* Room for so many more items, which are then put without a look. */
static inline int make_room(Ints *ints, int64_t more)
{
    while (ints->room < ints->used + (size_t)more)
        if (grow((void **)&ints->items, 8, ints->room, &ints->room) < 0)
            return -1;
    return 0;
}

/* A word of a query in a document: documents are numbered as they were given. */
typedef struct {
    int32_t document, position, word, code;
} Occurrence;

static inline uint64_t mixed(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

/* Loops that are compiled for wider registers too, where the C library can choose when it loads. */
#if defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

int add_table(PyObject *module);
int add_store(PyObject *module);

/* Methods of Store. */
PyObject *size(PyObject *self, PyObject *terms);
PyObject *having(PyObject *self, PyObject *args);
PyObject *in_a_row(PyObject *self, PyObject *args);
PyObject *gather(PyObject *self, PyObject *args);
PyObject *pairs(PyObject *self, PyObject *args);
PyObject *together(PyObject *self, PyObject *args);
PyObject *scores(PyObject *self, PyObject *args);
PyObject *best(PyObject *self, PyObject *args);
PyObject *find(PyObject *self, PyObject *args);
PyObject *find_folded(PyObject *self, PyObject *args);
PyObject *find_words(PyObject *self, PyObject *args);
PyObject *words_among(PyObject *self, PyObject *args);

extern PyMethodDef chain_methods[], count_methods[], indexing_methods[], language_methods[], phrase_methods[],
    ranking_methods[];

#endif
