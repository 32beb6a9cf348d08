/* How the words of a query stand in documents. */
#include "native.h"

static PyObject *misfit(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

/* -- how words stand together --------------------------------------------------------------------------- */

enum { MOST_WORDS = 1024 };

static int sound(const Span *occurrences, int64_t documents, int64_t words, int64_t codes)
{
    const Occurrence *items = occurrences->view.buf;
    if (occurrences->view.len % (Py_ssize_t)sizeof(Occurrence) || words > MOST_WORDS || words < 0)
        return 0;
    for (int64_t i = 0; i < occurrences->n; i++) {
        if (items[i].document < 0 || items[i].document >= documents || items[i].word < 0 || items[i].word >= words ||
            items[i].code < 0 || items[i].code >= codes || items[i].position < 0)
            return 0;
        if (i && (items[i].document < items[i - 1].document ||
                  (items[i].document == items[i - 1].document && items[i].position < items[i - 1].position)))
            return 0;
    }
    return 1;
}

/* beside(occurrences, words, partners, read, sample, counts): of each code in how many documents of the sample it is, with
   a word behind it that partners[word, other] wants there, and with one before it that wants this one there. */
static void beside_all(const Occurrence *o, int64_t n, int64_t words, const uint8_t *partners, const uint8_t *read,
                       const float *sample, float *counts, int64_t codes, int32_t *last)
{
    memset(last, 0xff, (size_t)codes * 3 * sizeof(int32_t));
    int64_t low = 0, high = 0; /* those one position before; those one position behind begin at high */
    for (int64_t i = 0; i < n; i++) {
        if (!read[o[i].word])
            continue;
        while (o[low].document < o[i].document || (o[low].document == o[i].document && o[low].position < o[i].position - 1))
            low++;
        if (high < i)
            high = i;
        while (high < n && o[high].document == o[i].document && o[high].position <= o[i].position)
            high++;
        int found[3] = {1, 0, 0};
        for (int64_t j = high; j < n && o[j].document == o[i].document && o[j].position == o[i].position + 1; j++)
            found[1] |= partners[o[i].word * words + o[j].word];
        for (int64_t j = low; j < i && o[j].position == o[i].position - 1; j++)
            found[2] |= partners[o[j].word * words + o[i].word];
        for (int k = 0; k < 3; k++)
            if (found[k] && last[k * codes + o[i].code] != o[i].document) {
                last[k * codes + o[i].code] = o[i].document;
                counts[k * codes + o[i].code] += sample[o[i].document];
            }
    }
}

static PyObject *beside(PyObject *module, PyObject *args)
{
    (void)module;
    enum { OCCURRENCES, PARTNERS, READ, SAMPLE, COUNTS, ALL };
    static const Py_ssize_t sizes[ALL] = {sizeof(Occurrence), 1, 1, 4, 4};
    PyObject *o[ALL], *result = NULL;
    if (!PyArg_ParseTuple(args, "OOOOO", o, o + 1, o + 2, o + 3, o + 4))
        return NULL;
    Span s[ALL] = {{.held = 0}};
    int32_t *last = NULL;
    for (int i = 0; i < ALL; i++)
        if (span_open(s + i, o[i], sizes[i], i == COUNTS) < 0)
            goto done;
    int64_t words = s[READ].n, codes = s[COUNTS].n / 3;
    if (s[PARTNERS].n != words * words || !sound(s + OCCURRENCES, s[SAMPLE].n, words, codes)) {
        misfit("the occurrences of words do not fit together");
        goto done;
    }
    last = malloc(((size_t)codes * 3 + 1) * sizeof(int32_t));
    if (!last) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    beside_all(s[OCCURRENCES].view.buf, s[OCCURRENCES].n, words, ITEMS(s[PARTNERS], uint8_t), ITEMS(s[READ], uint8_t),
               ITEMS(s[SAMPLE], float), ITEMS(s[COUNTS], float), codes, last);
    Py_END_ALLOW_THREADS;
    Py_INCREF(Py_None);
    result = Py_None;
done:
    free(last);
    span_close(s, ALL);
    return result;
}

enum { MOST_IN_MASK = 10 }; /* words whose sums are kept for each set of them */

/* What sets of words are worth; of few words, each set is added up once. */
typedef struct {
    int64_t words;
    const float *weights;
    int32_t *counts;                /* of each word in the window */
    float known[1 << MOST_IN_MASK]; /* below 0 where it is not */
} Sums;

static float sum_of(Sums *s, uint32_t mask)
{
    int few = s->words <= MOST_IN_MASK;
    if (few && s->known[mask] >= 0)
        return s->known[mask];
    float sum = 0;
    for (int64_t word = 0; word < s->words; word++)
        if (s->counts[word])
            sum += s->weights[word];
    if (few)
        s->known[mask] = sum;
    return sum;
}

/* The most that different words within `width` positions come to. */
static float best_window(const Occurrence *o, int64_t n, int32_t width, Sums *s)
{
    float best = 0;
    int64_t end = 0;
    int changed = 1;
    uint32_t mask = 0; /* of few words */
    memset(s->counts, 0, (size_t)s->words * sizeof(int32_t));
    for (int64_t begin = 0; begin < n; begin++) {
        if (begin && --s->counts[o[begin - 1].word] == 0) {
            changed = 1;
            mask &= ~(1u << (o[begin - 1].word & 31));
        }
        for (; end < n && o[end].position < o[begin].position + width; end++)
            if (s->counts[o[end].word]++ == 0) {
                changed = 1;
                mask |= 1u << (o[end].word & 31);
            }
        if (!changed)
            continue;
        float sum = sum_of(s, mask);
        best = sum > best ? sum : best;
        changed = 0;
    }
    return best;
}

/* The most that different words in one sentence come to, less the longer that is. */
static float best_sentence(const Occurrence *o, int64_t n, const uint32_t *ends, int64_t sentences, float longer, Sums *s)
{
    float best = 0;
    memset(s->counts, 0, (size_t)s->words * sizeof(int32_t));
    for (int64_t i = 0, at = 0; i < sentences && at < n; i++) {
        int64_t first = at, length = (int64_t)ends[i] - (i ? ends[i - 1] : 0);
        uint32_t mask = 0; /* of few words */
        for (; at < n && o[at].position < ends[i]; at++) {
            s->counts[o[at].word] = 1;
            mask |= 1u << (o[at].word & 31);
        }
        if (at == first)
            continue;
        float own = sum_of(s, mask) / (1 + longer * (float)length);
        best = own > best ? own : best;
        for (; first < at; first++)
            s->counts[o[first].word] = 0;
    }
    return best;
}

enum { OCCURRENCES, PAIRS, WEIGHTS, DROPPED, TITLES, NORM, SAMPLE, FIRST_SENTENCE, SENTENCES, LOOKED };

/* Whether the sentences of each document end one after the other. */
static int sentences_fit(const Span *first, const Span *ends, int64_t documents)
{
    const int64_t *begins = ITEMS(*first, int64_t);
    const uint32_t *items = ITEMS(*ends, uint32_t);
    if (first->n != documents + 1 || begins[0] != 0 || begins[documents] != ends->n)
        return 0;
    for (int64_t d = 0; d < documents; d++) {
        if (begins[d] > begins[d + 1] || begins[d + 1] > ends->n)
            return 0;
        for (int64_t i = begins[d] + 1; i < begins[d + 1]; i++)
            if (items[i] <= items[i - 1] || items[i] > INT32_MAX)
                return 0;
    }
    return 1;
}

typedef struct {
    float more, cover, near, close, early, title, sentence, longer;
    int close_window, window, first; /* positions */
} Factors;

/* What is found: see twins. */
typedef struct {
    float *number, *shares, *rest;
    uint8_t *has; /* of each word, in the document that is looked at */
} Looked;

static void look_all(Span *s, Occurrence *kept, Sums *sums, const Factors *f, const Looked *found)
{
    const Occurrence *o = s[OCCURRENCES].view.buf;
    const int32_t *pairs = ITEMS(s[PAIRS], int32_t);
    const float *weights = ITEMS(s[WEIGHTS], float), *sample = ITEMS(s[SAMPLE], float);
    const uint8_t *dropped = ITEMS(s[DROPPED], uint8_t);
    int64_t words = s[WEIGHTS].n, documents = s[NORM].n, number = s[PAIRS].n / 2;
    uint8_t early[MOST_WORDS], titled[MOST_WORDS];
    float *many = found->shares;
    for (int64_t i = 0; i < s[OCCURRENCES].n;) {
        int64_t n = 0, document = o[i].document;
        memset(found->has, 0, (size_t)words);
        memset(early, 0, (size_t)words);
        memset(titled, 0, (size_t)words);
        for (; i < s[OCCURRENCES].n && o[i].document == document; i++) {
            if (dropped[o[i].code])
                continue;
            if (!n || kept[n - 1].position != o[i].position || kept[n - 1].word != o[i].word)
                kept[n++] = o[i]; /* two spellings at one place are one word */
            found->has[o[i].word] = 1;
            early[o[i].word] |= o[i].position < f->first;
            titled[o[i].word] |= (uint32_t)o[i].position < ITEMS(s[TITLES], uint32_t)[document];
        }
        for (int64_t j = 0, behind = 0; j < n; j++) { /* behind: the first that stands behind this one */
            while (behind < n && kept[behind].position <= kept[j].position)
                behind++;
            for (int64_t k = behind; k < n && kept[k].position == kept[j].position + 1; k++) {
                for (int64_t pair = 0; pair < number; pair++)
                    if (pairs[2 * pair] == kept[j].word && pairs[2 * pair + 1] == kept[k].word)
                        many[pair * documents + document]++;
            }
        }
        float sum = 0;
        for (int64_t word = 0; word < words; word++)
            if (found->has[word]) {
                float own = f->cover;
                if (early[word])
                    own += f->early;
                if (titled[word])
                    own += f->title;
                sum += weights[word] * own;
                found->number[word] += sample[document];
            }
        float close = best_window(kept, n, f->close_window, sums), near = best_window(kept, n, f->window, sums);
        const int64_t *begins = ITEMS(s[FIRST_SENTENCE], int64_t) + document;
        float told = best_sentence(kept, n, ITEMS(s[SENTENCES], uint32_t) + begins[0], begins[1] - begins[0], f->longer, sums);
        found->rest[document] = sum + (close * f->close + near * f->near) + told * f->sentence;
    }
    for (int64_t pair = 0; pair < number; pair++, many += documents)
        for (int64_t document = 0; document < documents; document++) {
            if (many[document] > 0)
                found->number[words + pair] += sample[document];
            many[document] = f->more * many[document] / (many[document] + ITEMS(s[NORM], float)[document]);
        }
}

/* look(occurrences, pairs, weights, dropped, titles, norm, sample, first, ends, more, factors, windows) -> (number, shares,
   rest): see twins. */
static PyObject *look(PyObject *module, PyObject *args)
{
    (void)module;
    static const Py_ssize_t sizes[LOOKED] = {sizeof(Occurrence), 4, 4, 1, 4, 4, 4, 8, 4};
    PyObject *o[LOOKED], *result = NULL;
    Factors f;
    if (!PyArg_ParseTuple(args, "OOOOOOOOOf(fffffff)(iii)", o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6, o + 7, o + 8, &f.more,
                          &f.cover, &f.near, &f.close, &f.early, &f.title, &f.sentence, &f.longer, &f.close_window, &f.window, &f.first))
        return NULL;
    Span s[LOOKED] = {{.held = 0}};
    Occurrence *kept = NULL;
    Sums *sums = NULL;
    float *room = NULL;
    for (int i = 0; i < LOOKED; i++)
        if (span_open(s + i, o[i], sizes[i], 0) < 0)
            goto done;
    int64_t words = s[WEIGHTS].n, documents = s[NORM].n, number = s[PAIRS].n / 2;
    if (s[TITLES].n != documents || s[SAMPLE].n != documents ||
        !sound(s + OCCURRENCES, documents, words, s[DROPPED].n)) {
        misfit("the occurrences of words do not fit together");
        goto done;
    }
    if (!sentences_fit(s + FIRST_SENTENCE, s + SENTENCES, documents)) {
        misfit("the sentences do not end one after the other");
        goto done;
    }
    int64_t floats = words + number + number * documents + documents;
    kept = malloc(((size_t)s[OCCURRENCES].n + 1) * sizeof(Occurrence));
    sums = malloc(sizeof(Sums) + ((size_t)words + 1) * sizeof(int32_t));
    room = calloc((size_t)floats * sizeof(float) + (size_t)words + 1, 1);
    if (!kept || !sums || !room) {
        PyErr_NoMemory();
        goto done;
    }
    sums->words = words;
    sums->weights = ITEMS(s[WEIGHTS], float);
    sums->counts = (int32_t *)(sums + 1);
    for (int i = 0; i < 1 << (words < MOST_IN_MASK ? words : MOST_IN_MASK); i++)
        sums->known[i] = -1;
    Looked found = {room, room + words + number, room + words + number + number * documents, (uint8_t *)(room + floats)};
    Py_BEGIN_ALLOW_THREADS;
    look_all(s, kept, sums, &f, &found);
    Py_END_ALLOW_THREADS;
    result = Py_BuildValue("NNN", PyBytes_FromStringAndSize((char *)found.number, (Py_ssize_t)(4 * (words + number))),
                           PyBytes_FromStringAndSize((char *)found.shares, (Py_ssize_t)(4 * number * documents)),
                           PyBytes_FromStringAndSize((char *)found.rest, (Py_ssize_t)(4 * documents)));
done:
    free(kept);
    free(sums);
    free(room);
    span_close(s, LOOKED);
    return result;
}

PyMethodDef ranking_methods[] = {
    {"beside", beside, METH_VARARGS, NULL},
    {"look", look, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
