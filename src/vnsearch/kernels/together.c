/* In how many documents two terms are: see `suggest.cooccurrence`.  The documents of each are a set of bits. */
#include "store.h"

WIDE static int64_t number_of_both(const uint64_t *a, const uint64_t *b, int64_t words)
{
    int64_t found = 0;
    for (int64_t i = 0; i < words; i++)
        found += __builtin_popcountll(a[i] & b[i]);
    return found;
}

/* together(terms, first, second, documents) -> (each, both): in how many of the first documents each term is, and each
   first one and second one of these, by their numbers among them.  Terms below 0 are not here.  Eight bytes each. */
PyObject *together(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *given[3], *result = NULL;
    long long documents;
    Ints terms = {0}, ends[2] = {{0}, {0}}, found = {0};
    Fault fault = {.page = -1};
    uint64_t *bits = NULL;
    if (!PyArg_ParseTuple(args, "OOOL", given, given + 1, given + 2, &documents) || add_ints(given[0], &terms) < 0 ||
        add_ints(given[1], ends) < 0 || add_ints(given[2], ends + 1) < 0)
        goto done;
    int fits = ends[0].used == ends[1].used && documents >= 0 && documents <= o->documents;
    for (size_t i = 0; i < ends[0].used && fits; i++)
        for (int k = 0; k < 2; k++)
            fits &= ends[k].items[i] >= 0 && ends[k].items[i] < (int64_t)terms.used;
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "expected as many first terms as second ones, of those given, and documents "
                                          "that are here");
        goto done;
    }
    int64_t words = (documents + 63) / 64;
    size_t results = terms.used + ends[0].used;
    if (!(bits = calloc((size_t)words * terms.used + 1, 8)) || make_room(&found, (int64_t)results + 1) < 0) {
        PyErr_NoMemory();
        goto done;
    }
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS;
    for (size_t i = 0; i < terms.used && !failed; i++) {
        Cursor cursor;
        uint64_t *own = bits + i * (size_t)words;
        if (terms.items[i] >= 0)
            failed = open_term(o, terms.items[i], &cursor, &fault) || add_documents(o, &cursor, documents, own, &fault);
        found.items[found.used++] = number_of_both(own, own, words);
    }
    for (size_t i = 0; i < ends[0].used && !failed; i++)
        found.items[found.used++] = number_of_both(bits + ends[0].items[i] * words, bits + ends[1].items[i] * words, words);
    Py_END_ALLOW_THREADS;
    char *each = (char *)found.items, *both = (char *)(found.items + terms.used);
    result = failed ? raise_fault(o, &fault)
                    : Py_BuildValue("NN", PyBytes_FromStringAndSize(each, (Py_ssize_t)(8 * terms.used)),
                                    PyBytes_FromStringAndSize(both, (Py_ssize_t)(8 * ends[0].used)));
done:
    free(bits);
    free(terms.items);
    free(ends[0].items);
    free(ends[1].items);
    free(found.items);
    return result;
}
