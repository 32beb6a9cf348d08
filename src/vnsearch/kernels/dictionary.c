/* The words of a segment: methods of Store that look texts up. */
#include "store.h"

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

/* The one text that a method is given, as UTF-8. */
static const char *key_of(PyObject *args, Py_ssize_t *length)
{
    PyObject *text;
    return PyArg_ParseTuple(args, "U", &text) ? PyUnicode_AsUTF8AndSize(text, length) : NULL;
}

/* find(folded) -> (first, last) of the exact terms that fold so. */
PyObject *find_folded(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    Py_ssize_t length;
    const char *key = key_of(args, &length);
    if (!key)
        return NULL;
    Fault fault = {.page = -1};
    int same;
    int64_t at = bisect(o, FOLDED, FOLDED_ENDS, 0, o->s[FOLDED_ENDS].n, (const uint8_t *)key, length, &same, &fault);
    if (at < 0)
        return raise_fault(o, &fault);
    const uint32_t *first = ITEMS(o->s[FOLDED_FIRST], uint32_t);
    return same ? Py_BuildValue("LL", (long long)first[at], (long long)first[at + 1]) : Py_BuildValue("LL", 0LL, 0LL);
}

/* find(folded, exact) -> the number of the exact term, below 0 where there is none. */
PyObject *find(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *texts[2];
    Py_ssize_t folded_length, length;
    if (!PyArg_ParseTuple(args, "UU", &texts[0], &texts[1]))
        return NULL;
    const char *folded = PyUnicode_AsUTF8AndSize(texts[0], &folded_length);
    const char *key = folded ? PyUnicode_AsUTF8AndSize(texts[1], &length) : NULL;
    if (!key)
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
        return raise_fault(o, &fault);
    return PyLong_FromLongLong(same ? at : -1);
}

/* The words that are folded so (first..last), and whether a word begins so and goes on; below 0: a fault. */
static int word_range(Store *o, const uint8_t *key, int64_t length, int64_t *first, int64_t *last, Fault *fault)
{
    const int64_t *ends = ITEMS(o->s[WORD_ENDS], int64_t);
    const uint8_t *words = ITEMS(o->s[WORDS], uint8_t);
    int64_t number = o->s[WORD_ENDS].n;
    int same;
    *first = *last = bisect(o, WORDS, WORD_ENDS, 0, number, key, length, &same, fault);
    if (*first < 0)
        return -1;
    for (; *last < number; ++*last) { /* equal ones stand together */
        int64_t begin = *last ? ends[*last - 1] : 0, own = ends[*last] - begin;
        if (checked(o, WORDS, begin, ends[*last], fault) < 0)
            return -1;
        if (own < length || memcmp(words + begin, key, (size_t)length))
            return 0;
        if (own > length)
            return words[begin + length] == ' ';
    }
    return 0;
}

/* find_words(folded) -> (first, last, longer): see `word_range`. */
PyObject *find_words(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    Py_ssize_t length;
    const char *key = key_of(args, &length);
    if (!key)
        return NULL;
    Fault fault = {.page = -1};
    int64_t first, last;
    int longer = word_range(o, (const uint8_t *)key, length, &first, &last, &fault);
    return longer < 0 ? raise_fault(o, &fault)
                      : Py_BuildValue("LLO", (long long)first, (long long)last, longer ? Py_True : Py_False);
}

/* A row of syllables as UTF-8, one behind another. */
typedef struct {
    Py_ssize_t n;
    const char **text;
    Py_ssize_t *size;
    char *key; /* room for all of them, with blanks between */
} Row;

static int read_row(Row *row, PyObject *syllables)
{
    Py_ssize_t total = 1;
    row->n = PyTuple_Size(syllables);
    row->text = calloc((size_t)row->n + 1, sizeof(char *));
    row->size = calloc((size_t)row->n + 1, sizeof(Py_ssize_t));
    for (Py_ssize_t i = 0; row->text && row->size && i < row->n; i++) {
        PyObject *item = PyTuple_GetItem(syllables, i);
        if (!PyUnicode_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "expected a tuple of texts");
            return -1;
        }
        if (!(row->text[i] = PyUnicode_AsUTF8AndSize(item, row->size + i)))
            return -1;
        total += row->size[i] + 1;
    }
    row->key = malloc((size_t)total);
    if (!row->text || !row->size || !row->key) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* Adds the words that begin with one of the syllables. */
static int add_words(Store *o, const Row *row, Py_ssize_t begin, int longest, PyObject *found)
{
    int64_t length = 0, first, last;
    for (Py_ssize_t at = begin; at < row->n && at - begin < longest; at++) {
        if (at > begin)
            row->key[length++] = ' ';
        memcpy(row->key + length, row->text[at], (size_t)row->size[at]);
        length += row->size[at];
        if (at == begin)
            continue;
        Fault fault = {.page = -1};
        int longer = word_range(o, (const uint8_t *)row->key, length, &first, &last, &fault);
        if (longer < 0) {
            raise_fault(o, &fault);
            return -1;
        }
        if (first == last && !longer)
            break;
        if (first == last)
            continue;
        PyObject *own = Py_BuildValue("nnLL", begin, at + 1, (long long)first, (long long)last);
        int failed = !own || PyList_Append(found, own) < 0;
        Py_XDECREF(own);
        if (failed)
            return -1;
    }
    return 0;
}

/* words_among(syllables, longest) -> (begin, end, first, last) for each row of two to `longest` syllables that words are
   folded to: these are first..last. */
PyObject *words_among(PyObject *self, PyObject *args)
{
    PyObject *syllables, *found = NULL;
    int longest;
    Row row = {0};
    if (!PyArg_ParseTuple(args, "O!i", &PyTuple_Type, &syllables, &longest))
        return NULL;
    int failed = read_row(&row, syllables) || !(found = PyList_New(0));
    for (Py_ssize_t begin = 0; begin < row.n && !failed; begin++)
        failed = add_words((Store *)self, &row, begin, longest, found);
    free(row.text);
    free(row.size);
    free(row.key);
    if (!failed)
        return found;
    Py_XDECREF(found);
    return NULL;
}
