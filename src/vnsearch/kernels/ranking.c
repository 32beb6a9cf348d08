/* The best documents by sums of scores, and how the words of a query stand in the best. */
#include "native.h"

static PyObject *misfit(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

/* -- sums ----------------------------------------------------------------------------------------------- */

enum { BLOCK = 4096 }; /* documents whose sums stay in the processor's nearest cache */

typedef struct {
    Span documents, impacts; /* documents.held: a list, else impacts are a row */
    int floats;              /* impacts are float32, else bytes */
    float unit;
    int64_t at;
} Leaf;

typedef struct {
    int64_t *documents;
    float *scores;
    size_t used, room;
    size_t wanted;
    float floor; /* a score that `wanted` documents reach */
} Best;

WIDE static void add_row(float *sums, const uint8_t *row, float unit, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        sums[i] += (float)row[i] * unit;
}

/* matches: in, whether something was added that may be 0; out, whether anything was and the document is allowed. */
WIDE static int64_t keep_matches(const float *sums, const uint8_t *allowed, uint8_t *matches, int64_t n, float *greatest)
{
    int64_t count = 0;
    float most = 0;
    if (allowed) {
        for (int64_t i = 0; i < n; i++) {
            uint8_t here = ((sums[i] > 0) | matches[i]) & (allowed[i] != 0);
            matches[i] = here;
            count += here;
        }
    } else {
        for (int64_t i = 0; i < n; i++) {
            uint8_t here = (sums[i] > 0) | matches[i];
            matches[i] = here;
            count += here;
        }
    }
    for (int64_t i = 0; i < n; i++)
        most = sums[i] > most ? sums[i] : most;
    *greatest = most;
    return count;
}

/* The n-th greatest, n from 0; reorders the scores (Hoare 1961, algorithm 65). */
static float nth_greatest(float *scores, int64_t number, int64_t nth)
{
    int64_t low = 0, high = number - 1;
    while (low < high) {
        float pivot = scores[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (scores[i] > pivot)
                i++;
            while (scores[j] < pivot)
                j--;
            if (i <= j) {
                float kept = scores[i];
                scores[i++] = scores[j];
                scores[j--] = kept;
            }
        }
        if (nth <= j)
            high = j;
        else if (nth >= i)
            low = i;
        else
            break;
    }
    return scores[nth];
}

/* Leaves the best `wanted`, and all that equal the least of them, in their order. */
static int prune(Best *best)
{
    if (best->used <= best->wanted)
        return 0;
    float *sorted = malloc(best->used * sizeof(float));
    if (!sorted)
        return -1;
    memcpy(sorted, best->scores, best->used * sizeof(float));
    float floor = nth_greatest(sorted, (int64_t)best->used, (int64_t)best->wanted - 1);
    free(sorted);
    size_t kept = 0;
    for (size_t i = 0; i < best->used; i++)
        if (best->scores[i] >= floor) {
            best->documents[kept] = best->documents[i];
            best->scores[kept++] = best->scores[i];
        }
    best->used = kept;
    best->floor = floor;
    return 0;
}

static int add_best(Best *best, int64_t document, float score)
{
    if (best->used == best->room) {
        size_t room = best->room ? 2 * best->room : 1024;
        int64_t *documents = realloc(best->documents, room * sizeof(int64_t));
        if (!documents)
            return -1;
        best->documents = documents;
        float *scores = realloc(best->scores, room * sizeof(float));
        if (!scores)
            return -1;
        best->scores = scores;
        best->room = room;
    }
    best->documents[best->used] = document;
    best->scores[best->used++] = score;
    return 0;
}

/* The count of matches, below 0 without memory, below -1 where a list names a document that there is not. */
static int64_t sum_all(Leaf *leaves, int64_t number, int64_t documents, const uint8_t *allowed, uint8_t *matches,
                       Best *best)
{
    float sums[BLOCK];
    int64_t count = 0;
    size_t next_prune = 8 * best->wanted + 1024;
    for (int64_t begin = 0; begin < documents; begin += BLOCK) {
        int64_t n = documents - begin < BLOCK ? documents - begin : BLOCK;
        memset(sums, 0, sizeof sums);
        memset(matches + begin, 0, (size_t)n);
        for (int64_t l = 0; l < number; l++) {
            Leaf *leaf = leaves + l;
            if (!leaf->documents.held) {
                add_row(sums, ITEMS(leaf->impacts, uint8_t) + begin, leaf->unit, n);
                continue;
            }
            const int64_t *own = ITEMS(leaf->documents, int64_t);
            for (; leaf->at < leaf->documents.n && own[leaf->at] < begin + n; leaf->at++) {
                if (own[leaf->at] < begin)
                    return -2;
                float impact = leaf->floats ? ITEMS(leaf->impacts, float)[leaf->at]
                                            : (float)ITEMS(leaf->impacts, uint8_t)[leaf->at];
                sums[own[leaf->at] - begin] += impact * leaf->unit;
                matches[own[leaf->at]] |= (uint8_t)leaf->floats; /* bytes are not 0 */
            }
        }
        float greatest;
        count += keep_matches(sums, allowed ? allowed + begin : NULL, matches + begin, n, &greatest);
        if (!best->wanted || greatest < best->floor)
            continue;
        for (int64_t i = 0; i < n; i++)
            if (sums[i] >= best->floor && matches[begin + i] && add_best(best, begin + i, sums[i]) < 0)
                return -1;
        if (best->used > next_prune) {
            if (prune(best) < 0)
                return -1;
            next_prune = 2 * best->used + 1024;
        }
    }
    for (int64_t l = 0; l < number; l++)
        if (leaves[l].documents.held && leaves[l].at < leaves[l].documents.n)
            return -2;
    return best->wanted && prune(best) < 0 ? -1 : count;
}

/* best_of(leaves, allowed, matches, wanted) -> (count, documents, scores); leaves: (documents or None, impacts, unit). */
static PyObject *best_of(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *given, *allowed, *matches, *result = NULL;
    long long wanted;
    if (!PyArg_ParseTuple(args, "O!OOL", &PyList_Type, &given, &allowed, &matches, &wanted))
        return NULL;
    Py_ssize_t number = PyList_Size(given);
    Span s[2] = {{.held = 0}};
    Best best = {.wanted = wanted > 0 ? (size_t)wanted : 0};
    Leaf *leaves = calloc((size_t)number + 1, sizeof(Leaf));
    if (!leaves)
        return PyErr_NoMemory();
    if (span_open(s, matches, 1, 1) < 0 || (allowed != Py_None && span_open(s + 1, allowed, 1, 0) < 0))
        goto done;
    int even = !s[1].held || s[1].n == s[0].n;
    for (Py_ssize_t i = 0; i < number; i++) {
        PyObject *documents, *impacts;
        Py_buffer view;
        if (!PyArg_ParseTuple(PyList_GetItem(given, i), "OOf", &documents, &impacts, &leaves[i].unit) ||
            PyObject_GetBuffer(impacts, &view, PyBUF_CONTIG_RO) < 0)
            goto done;
        leaves[i].floats = view.itemsize == 4;
        PyBuffer_Release(&view);
        if (span_open(&leaves[i].impacts, impacts, leaves[i].floats ? 4 : 1, 0) < 0 ||
            (documents != Py_None && span_open(&leaves[i].documents, documents, 8, 0) < 0))
            goto done;
        int64_t rows = leaves[i].documents.held ? leaves[i].documents.n : s[0].n;
        even = even && leaves[i].impacts.n == rows && (leaves[i].documents.held || !leaves[i].floats);
    }
    if (!even) {
        misfit("the arrays of scores do not fit together");
        goto done;
    }
    int64_t count;
    Py_BEGIN_ALLOW_THREADS;
    count = sum_all(leaves, number, s[0].n, s[1].held ? ITEMS(s[1], uint8_t) : NULL, ITEMS(s[0], uint8_t), &best);
    Py_END_ALLOW_THREADS;
    if (count < -1)
        misfit("the documents of a list do not ascend");
    else if (count < 0)
        PyErr_NoMemory();
    else
        result = Py_BuildValue("LNN", (long long)count,
                               PyBytes_FromStringAndSize((char *)best.documents, (Py_ssize_t)(8 * best.used)),
                               PyBytes_FromStringAndSize((char *)best.scores, (Py_ssize_t)(4 * best.used)));
done:
    for (Py_ssize_t i = 0; i < number; i++) {
        span_close(&leaves[i].documents, 1);
        span_close(&leaves[i].impacts, 1);
    }
    free(leaves);
    free(best.documents);
    free(best.scores);
    span_close(s, 2);
    return result;
}

/* -- how words stand together --------------------------------------------------------------------------- */

typedef struct {
    int32_t document, position, word, code;
} Occurrence;

enum { MOST_WORDS = 1024, WINDOW = 30, CLOSE_WINDOW = 8, EARLY_POSITIONS = 30 };

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

/* The most that different words within `width` positions come to. */
static float best_window(const Occurrence *o, int64_t n, int32_t width, int64_t words, const float *weights,
                         int32_t *counts)
{
    float best = 0;
    int64_t end = 0;
    int changed = 1;
    memset(counts, 0, (size_t)words * sizeof(int32_t));
    for (int64_t begin = 0; begin < n; begin++) {
        if (begin && --counts[o[begin - 1].word] == 0)
            changed = 1;
        for (; end < n && o[end].position < o[begin].position + width; end++)
            if (counts[o[end].word]++ == 0)
                changed = 1;
        if (!changed)
            continue;
        float sum = 0;
        for (int64_t word = 0; word < words; word++)
            if (counts[word])
                sum += weights[word];
        best = sum > best ? sum : best;
        changed = 0;
    }
    return best;
}

enum { OCCURRENCES, PAIRS, WEIGHTS, DROPPED, TITLES, HAS, COUNTS, REST, LOOKED };

typedef struct {
    float cover, near, close, early, title;
} Factors;

static void look_all(Span *s, Occurrence *kept, int32_t *counts, const Factors *f)
{
    const Occurrence *o = s[OCCURRENCES].view.buf;
    const int32_t *pairs = ITEMS(s[PAIRS], int32_t);
    const float *weights = ITEMS(s[WEIGHTS], float);
    const uint8_t *dropped = ITEMS(s[DROPPED], uint8_t);
    float *has = ITEMS(s[HAS], float), *many = ITEMS(s[COUNTS], float), *rest = ITEMS(s[REST], float);
    int64_t words = s[WEIGHTS].n, documents = s[REST].n, number = s[PAIRS].n / 2;
    uint8_t early[MOST_WORDS], titled[MOST_WORDS];
    memset(has, 0, (size_t)s[HAS].n * sizeof(float));
    memset(many, 0, (size_t)s[COUNTS].n * sizeof(float));
    memset(rest, 0, (size_t)documents * sizeof(float));
    for (int64_t i = 0; i < s[OCCURRENCES].n;) {
        int64_t n = 0, document = o[i].document;
        memset(early, 0, (size_t)words);
        memset(titled, 0, (size_t)words);
        for (; i < s[OCCURRENCES].n && o[i].document == document; i++) {
            if (dropped[o[i].code])
                continue;
            if (!n || kept[n - 1].position != o[i].position || kept[n - 1].word != o[i].word)
                kept[n++] = o[i]; /* two spellings at one place are one word */
            has[o[i].word * documents + document] = 1;
            early[o[i].word] |= o[i].position < EARLY_POSITIONS;
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
            if (has[word * documents + document] != 0) {
                float own = f->cover;
                if (early[word])
                    own += f->early;
                if (titled[word])
                    own += f->title;
                sum += weights[word] * own;
            }
        float close = best_window(kept, n, CLOSE_WINDOW, words, weights, counts);
        float near = best_window(kept, n, WINDOW, words, weights, counts);
        rest[document] = sum + (close * f->close + near * f->near);
    }
    for (int64_t pair = 0; pair < number; pair++)
        for (int64_t document = 0; document < documents; document++)
            has[(words + pair) * documents + document] = many[pair * documents + document] > 0;
}

/* look(occurrences, pairs, weights, dropped, titles, has, counts, rest, factors): see twins. */
static PyObject *look(PyObject *module, PyObject *args)
{
    (void)module;
    static const Py_ssize_t sizes[LOOKED] = {sizeof(Occurrence), 4, 4, 1, 4, 4, 4, 4};
    PyObject *o[LOOKED], *result = NULL;
    Factors f;
    if (!PyArg_ParseTuple(args, "OOOOOOOO(fffff)", o, o + 1, o + 2, o + 3, o + 4, o + 5, o + 6, o + 7, &f.cover, &f.near,
                          &f.close, &f.early, &f.title))
        return NULL;
    Span s[LOOKED] = {{.held = 0}};
    Occurrence *kept = NULL;
    int32_t *counts = NULL;
    for (int i = 0; i < LOOKED; i++)
        if (span_open(s + i, o[i], sizes[i], i >= HAS) < 0)
            goto done;
    int64_t words = s[WEIGHTS].n, documents = s[REST].n, number = s[PAIRS].n / 2;
    if (s[TITLES].n != documents || s[HAS].n != (words + number) * documents || s[COUNTS].n != number * documents ||
        !sound(s + OCCURRENCES, documents, words, s[DROPPED].n)) {
        misfit("the occurrences of words do not fit together");
        goto done;
    }
    kept = malloc(((size_t)s[OCCURRENCES].n + 1) * sizeof(Occurrence));
    counts = malloc(((size_t)words + 1) * sizeof(int32_t));
    if (!kept || !counts) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    look_all(s, kept, counts, &f);
    Py_END_ALLOW_THREADS;
    Py_INCREF(Py_None);
    result = Py_None;
done:
    free(kept);
    free(counts);
    span_close(s, LOOKED);
    return result;
}

PyMethodDef ranking_methods[] = {
    {"best_of", best_of, METH_VARARGS, NULL},
    {"beside", beside, METH_VARARGS, NULL},
    {"look", look, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
