/* Table: the pieces of a text, each known by a number.

   Longer than other files: one type, whose pages of slots nothing else may see. */
#include "native.h"

#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LITTLE /* the first byte in memory is the lowest of a number */
#endif

typedef struct {
    uint64_t head[2]; /* all of up to 16 bytes; of a longer piece the first 8, and its hash */
    uint32_t length;
    int32_t number; /* below 0: free */
} Slot;

typedef struct {
    PyObject_HEAD
    uint64_t seed[2];
    Slot *slots; /* a power of two of them, half of them free */
    size_t mask;
    int32_t first, next; /* numbers of the first piece, and of that which is met next */
    uint8_t *arena;      /* the pieces in order of their numbers */
    size_t filled, room;
    size_t *ends; /* of each, in the arena */
    size_t ends_room;
} Table;

typedef struct {
    int32_t *items;
    size_t used, room;
} Numbers;

enum { SHORT = 16 };

/* -- hashing: eight bytes at a time under two secret numbers, so that nobody can choose pieces that collide -- */

static inline uint64_t folded(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)(product >> 64) ^ (uint64_t)product;
#else
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, mid = a1 * b0 + (low >> 32), mid2 = a0 * b1 + (uint32_t)mid;
    return (a1 * b1 + (mid >> 32) + (mid2 >> 32)) ^ (mid2 << 32 | (uint32_t)low);
#endif
}

static inline uint64_t eight(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static uint64_t hash_of_long(const Table *table, const uint8_t *piece, size_t length)
{
    uint64_t hash = table->seed[0] ^ length;
    for (size_t left = length; left > 8; left -= 8, piece += 8)
        hash = folded(hash ^ eight(piece), table->seed[1]);
    return folded(hash ^ eight(piece + (length - 1) % 8 - 7), table->seed[1]);
}

/* room: bytes that may be read from `piece` on. */
static inline Slot key_of(const Table *table, const uint8_t *piece, size_t length, size_t room)
{
    Slot key = {.length = (uint32_t)length, .number = -1};
    if (length > SHORT) {
        key.head[0] = eight(piece);
        key.head[1] = hash_of_long(table, piece, length);
    } else {
        memcpy(key.head, piece, room >= SHORT ? SHORT : length);
#ifdef LITTLE
        if (room >= SHORT) {
            key.head[0] &= length < 8 ? ((uint64_t)1 << 8 * length) - 1 : ~(uint64_t)0;
            key.head[1] &= length <= 8 ? 0 : ~(uint64_t)0 >> 8 * (SHORT - length);
        }
#else
        memset((uint8_t *)key.head + length, 0, SHORT - length);
#endif
    }
    return key;
}

static inline size_t place_of(const Table *table, const Slot *key)
{
    return (size_t)mixed(folded(key->head[0] ^ table->seed[0], key->head[1] ^ table->seed[1]) + key->length);
}

static inline Slot *slot_of(const Table *table, const Slot *key, const uint8_t *piece)
{
    for (size_t at = place_of(table, key) & table->mask;; at = (at + 1) & table->mask) {
        Slot *slot = table->slots + at;
        if (slot->number < 0)
            return slot;
        if (slot->head[0] == key->head[0] && slot->head[1] == key->head[1] && slot->length == key->length &&
            (key->length <= SHORT ||
             !memcmp(table->arena + table->ends[slot->number - table->first] - key->length, piece, key->length)))
            return slot;
    }
}

static int make_slots(Table *table, size_t number)
{
    Slot *old = table->slots, *slots = malloc(number * sizeof(Slot));
    if (!slots)
        return -1;
    for (size_t i = 0; i < number; i++)
        slots[i].number = -1;
    for (size_t i = 0; old && i <= table->mask; i++) {
        if (old[i].number < 0)
            continue;
        size_t at = place_of(table, old + i) & (number - 1);
        while (slots[at].number >= 0)
            at = (at + 1) & (number - 1);
        slots[at] = old[i];
    }
    free(old);
    table->slots = slots;
    table->mask = number - 1;
    return 0;
}

/* Gives a piece the next number; below 0 where there is no memory, or no number. */
static int32_t add(Table *table, Slot key, const uint8_t *piece)
{
    size_t used = (size_t)(table->next - table->first);
    if (table->next == INT32_MAX || grow((void **)&table->ends, sizeof(size_t), used, &table->ends_room) < 0 ||
        (2 * (used + 1) > table->mask && make_slots(table, 2 * (table->mask + 1)) < 0))
        return -1;
    if (key.length > table->room - table->filled) {
        size_t room = 2 * table->room + key.length;
        uint8_t *arena = realloc(table->arena, room);
        if (!arena)
            return -1;
        table->arena = arena;
        table->room = room;
    }
    memcpy(table->arena + table->filled, piece, key.length);
    table->ends[used] = table->filled += key.length;
    key.number = table->next++;
    *slot_of(table, &key, piece) = key;
    return key.number;
}

/* -- reading a text ------------------------------------------------------------------------------------- */

typedef struct {
    Table *table;
    const uint8_t *end; /* of the text */
    Numbers found;
} Reader;

static int take(Reader *reader, const uint8_t *piece, size_t length)
{
    Slot key = key_of(reader->table, piece, length, (size_t)(reader->end - piece));
    int32_t number = length > UINT32_MAX ? -1 : slot_of(reader->table, &key, piece)->number;
    if (number < 0 && length <= UINT32_MAX)
        number = add(reader->table, key, piece);
    Numbers *found = &reader->found;
    if (number < 0 || grow((void **)&found->items, sizeof(int32_t), found->used, &found->room) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    found->items[found->used++] = number;
    return 0;
}

/* Where the piece at `begin` ends. */
static inline size_t stop_of(const uint8_t *text, size_t begin, size_t end)
{
#ifdef LITTLE
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    for (; begin + 8 <= end; begin += 8) { /* the lowest byte that is marked is a blank; those above it may be none */
        uint64_t word = eight(text + begin), blank = word ^ ones * ' ', line = word ^ ones * '\n';
        uint64_t marked = (((blank - ones) & ~blank) | ((line - ones) & ~line)) & highs;
        if (marked)
            return begin + (size_t)__builtin_ctzll(marked) / 8;
    }
#endif
    while (begin < end && text[begin] != ' ' && text[begin] != '\n')
        begin++;
    return begin;
}

static int split(Reader *reader, const uint8_t *text, size_t begin, size_t end)
{
    while (begin < end) {
        size_t stop = stop_of(text, begin, end);
        if (stop > begin && take(reader, text + begin, stop - begin) < 0)
            return -1;
        if (stop < end && text[stop] == '\n' && take(reader, text + stop, 1) < 0)
            return -1;
        begin = stop + 1;
    }
    return 0;
}

/* What a compound of several pieces may begin with.  Bytes tell: a pattern is asked wherever they do not rule it out. */

static int is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static int is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f); }

static int is_wordlike(uint8_t c)
{
    return is_digit(c) || c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
}

/* May begin a digit that is not ASCII: none is written with the leading bytes of Latin letters, marks and signs. */
static int may_be_digit(const uint8_t *text, size_t at, size_t end)
{
    uint8_t c = text[at];
    if (c < 0x80)
        return is_digit(c);
    if (c < 0xc0) /* inside a letter */
        return 0;
    if (c <= 0xc6 || c == 0xcc || c == 0xe2 || c == 0xe3)
        return 0;
    return !(c == 0xe1 && at + 1 < end && (text[at + 1] == 0x9a || text[at + 1] == 0xba || text[at + 1] == 0xbb));
}

/* May begin a blank or a dash that is not ASCII. */
static int may_be_sign(const uint8_t *text, size_t at, size_t end)
{
    uint8_t c = text[at];
    return c == 0xc2 || c == 0xe2 || c == 0xe3 || (c == 0xe1 && at + 1 < end && text[at + 1] == 0x9a);
}

static int may_be_dash(const uint8_t *text, size_t at, size_t end)
{
    return at < end && (text[at] == '-' || text[at] == '/' || may_be_sign(text, at, end));
}

/* Whether digits that end at `at` may be followed by what makes them a document's number. */
static int may_go_on(const uint8_t *text, size_t at, size_t end)
{
    if (may_be_dash(text, at, end))
        return 1;
    if (at >= end || !is_space(text[at]))
        return 0;
    at++;
    if (may_be_dash(text, at, end))
        return 1;
    size_t begin = at;
    for (; at < end && is_wordlike(text[at]); at++)
        if (may_be_sign(text, at, end))
            return 1;
    return at > begin && (may_be_dash(text, at, end) || (at < end && is_space(text[at]) && may_be_dash(text, at + 1, end)));
}

static int may_be_day(const uint8_t *text, size_t at, size_t end)
{
    if (at + 4 >= end || (text[at + 1] | 32) != 'g')
        return 0;
    at += 2;
    if ((text[at] | 32) == 'a')
        at++;
    else if (text[at] == 0xc3 && (text[at + 1] | 32) == 0xa0)
        at += 2;
    else
        return 0;
    return at + 1 < end && (text[at] | 32) == 'y' && (is_space(text[at + 1]) || text[at + 1] >= 0x80);
}

/* Bytes that a day or a digit may begin with: n, N, digits, and what `may_be_digit` looks at. */
static const uint8_t may_begin[256] = {
    ['n'] = 1, ['N'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1,
    ['7'] = 1, ['8'] = 1, ['9'] = 1, [0xc7] = 1, [0xc8] = 1, [0xc9] = 1, [0xca] = 1, [0xcb] = 1, [0xcd] = 1,
    [0xce] = 1, [0xcf] = 1, [0xd0] = 1, [0xd1] = 1, [0xd2] = 1, [0xd3] = 1, [0xd4] = 1, [0xd5] = 1, [0xd6] = 1,
    [0xd7] = 1, [0xd8] = 1, [0xd9] = 1, [0xda] = 1, [0xdb] = 1, [0xdc] = 1, [0xdd] = 1, [0xde] = 1, [0xdf] = 1,
    [0xe0] = 1, [0xe1] = 1, [0xe4] = 1, [0xe5] = 1, [0xe6] = 1, [0xe7] = 1, [0xe8] = 1, [0xe9] = 1, [0xea] = 1,
    [0xeb] = 1, [0xec] = 1, [0xed] = 1, [0xee] = 1, [0xef] = 1, [0xf0] = 1, [0xf1] = 1, [0xf2] = 1, [0xf3] = 1,
    [0xf4] = 1,
};

static size_t letters(const uint8_t *text, size_t begin, size_t end)
{
    size_t number = 0;
    for (; begin < end; begin++)
        number += (text[begin] & 0xc0) != 0x80;
    return number;
}

/* Where the pattern's match at `at` ends; `at` where there is none. */
static int matched(PyObject *pattern, PyObject *string, const uint8_t *text, size_t *at, size_t end, size_t *counted,
                   Py_ssize_t *letter)
{
    *letter += (Py_ssize_t)letters(text, *counted, *at);
    *counted = *at;
    PyObject *match = PyObject_CallMethod(pattern, "match", "On", string, *letter);
    if (!match)
        return -1;
    if (match == Py_None) {
        Py_DECREF(match);
        return 0;
    }
    PyObject *stop = PyObject_CallMethod(match, "end", NULL);
    Py_DECREF(match);
    Py_ssize_t stop_letter = stop ? PyLong_AsSsize_t(stop) : -1;
    Py_XDECREF(stop);
    if (stop_letter < 0)
        return -1;
    for (Py_ssize_t left = stop_letter - *letter; *at < end; (*at)++)
        if ((text[*at] & 0xc0) != 0x80 && left-- == 0)
            break;
    return 0;
}

static int read_text(Reader *reader, PyObject *string, PyObject *pattern, const uint8_t *text, size_t end)
{
    size_t done = 0, counted = 0, run_end = 0;
    Py_ssize_t letter = 0; /* that `counted` is */
    int goes_on = 0;
    for (size_t at = 0; at < end; at++) {
        uint8_t c = text[at];
        if (!may_begin[c])
            continue;
        int before = at && text[at - 1] < 0x80 && is_wordlike(text[at - 1]);
        int possible;
        if ((c | 32) == 'n') {
            possible = !before && may_be_day(text, at, end);
        } else if (may_be_digit(text, at, end)) {
            if (at >= run_end) { /* all digits of a run end where the first does */
                run_end = at + 1;
                while (run_end < end && ((text[run_end] & 0xc0) == 0x80 || may_be_digit(text, run_end, end)))
                    run_end++;
                goes_on = may_go_on(text, run_end, end);
            }
            possible = !before && goes_on;
        } else {
            continue;
        }
        if (!possible)
            continue;
        size_t stop = at;
        if (matched(pattern, string, text, &stop, end, &counted, &letter) < 0)
            return -1;
        if (stop == at)
            continue;
        if (split(reader, text, done, at) < 0 || take(reader, text + at, stop - at) < 0)
            return -1;
        done = stop;
        at = stop - 1;
    }
    return split(reader, text, done, end);
}

static PyObject *table_read(PyObject *self, PyObject *args)
{
    PyObject *string, *pattern = Py_None;
    Reader reader = {.table = (Table *)self};
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "U|O", &string, &pattern))
        return NULL;
    const char *text = PyUnicode_AsUTF8AndSize(string, &length);
    if (!text)
        return NULL;
    const uint8_t *bytes = (const uint8_t *)text;
    PyObject *found = NULL;
    reader.end = bytes + length;
    if ((pattern == Py_None ? split(&reader, bytes, 0, (size_t)length)
                            : read_text(&reader, string, pattern, bytes, (size_t)length)) == 0)
        found = PyBytes_FromStringAndSize((char *)reader.found.items, (Py_ssize_t)(4 * reader.found.used));
    free(reader.found.items);
    return found;
}

static PyObject *table_pieces(PyObject *self, PyObject *begin)
{
    Table *table = (Table *)self;
    Py_ssize_t from = PyLong_AsSsize_t(begin), first = table->first;
    if (from == -1 && PyErr_Occurred())
        return NULL;
    if (from < first)
        from = first;
    PyObject *pieces = PyList_New(0);
    for (; pieces && from < table->next; from++) {
        size_t at = from > first ? table->ends[from - first - 1] : 0;
        Py_ssize_t length = (Py_ssize_t)(table->ends[from - first] - at);
        PyObject *piece = PyUnicode_FromStringAndSize((const char *)table->arena + at, length);
        if (!piece || PyList_Append(pieces, piece) < 0)
            Py_CLEAR(pieces);
        Py_XDECREF(piece);
    }
    return pieces;
}

static Py_ssize_t table_length(PyObject *self) { return ((Table *)self)->next; }

static PyObject *table_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    Span seed = {.held = 0};
    PyObject *secret;
    int first;
    if (!PyArg_ParseTuple(args, "Si", &secret, &first) || span_open(&seed, secret, 8, 0) < 0)
        return NULL;
    (void)keywords;
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Table *table = NULL;
    if (seed.n < 2)
        PyErr_SetString(PyExc_ValueError, "expected 16 secret bytes");
    else if (first < 0)
        PyErr_SetString(PyExc_ValueError, "a piece's number is at least 0");
    else if ((table = (Table *)alloc(type, 0))) {
        memcpy(table->seed, seed.view.buf, 16);
        table->seed[1] |= 1;
        table->first = table->next = first;
        if (make_slots(table, 1024) < 0) {
            Py_DECREF(table);
            table = (Table *)PyErr_NoMemory();
        }
    }
    span_close(&seed, 1);
    return (PyObject *)table;
}

static void table_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(((Table *)self)->slots);
    free(((Table *)self)->arena);
    free(((Table *)self)->ends);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef table_methods[] = {
    {"read", table_read, METH_VARARGS, "The numbers of a text's pieces, four bytes each."},
    {"pieces", table_pieces, METH_O, "The pieces whose numbers are not below this one, in order."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot table_slots[] = {
    {Py_tp_new, table_new},         {Py_tp_dealloc, table_dealloc}, {Py_tp_methods, table_methods},
    {Py_sq_length, table_length},   {0, NULL},
};

static PyType_Spec table_spec = {
    .name = "vnsearch.kernels._native.Table",
    .basicsize = sizeof(Table),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = table_slots,
};

int add_table(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &table_spec, NULL);
    if (!type)
        return -1;
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}
