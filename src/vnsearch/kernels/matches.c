/* Which documents have the words of a query, and where these stand.

   A *group* is a tuple of terms that count as one, a *phrase* a tuple of groups that stand side by side, a *word* several
   phrases, any of which will do.

   Longer than other files: sets, phrases and where words stand are asked of the same groups, which are private here. */
#include "store.h"

typedef struct {
    int64_t first, end; /* of its terms */
    int64_t size;       /* documents that have one, at most */
    int64_t same;       /* the first group of its phrase that has these terms, counted from the phrase's first */
    uint64_t *there;    /* of each document that is sifted, which of the terms it has, a bit each; or NULL */
} Group;

typedef struct {
    int64_t first, end; /* of its groups */
    int64_t size;       /* of its rarest group */
    int fields;
    int in_one_pass; /* whether it is many groups, of which few are different */
} Phrase;

typedef struct {
    int64_t first, end; /* of its phrases */
    int64_t size;
    int in_place; /* whether where the terms stand matters */
} Word;

typedef struct {
    Ints terms;
    Group *groups;
    Phrase *phrases;
    Word *words;
    size_t n_groups, n_phrases, n_words, room_groups, room_phrases;
    Cursor *cursors; /* of each term */
    int from_allowed; /* whether what is sifted was begun with the documents that are allowed */
} Query;

static void query_free(Query *q)
{
    for (size_t g = 0; g < q->n_groups; g++)
        free(q->groups[g].there);
    free(q->terms.items);
    free(q->groups);
    free(q->phrases);
    free(q->words);
    free(q->cursors);
}

static int add_group(Query *q, PyObject *terms)
{
    if (grow((void **)&q->groups, sizeof(Group), q->n_groups, &q->room_groups) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    Group *group = q->groups + q->n_groups++;
    group->first = (int64_t)q->terms.used;
    group->there = NULL;
    group->same = 0;
    if (add_ints(terms, &q->terms) < 0)
        return -1;
    group->end = (int64_t)q->terms.used;
    return 0;
}

static int equal_groups(const Query *q, const Group *a, const Group *b)
{
    const int64_t *terms = q->terms.items;
    int64_t size = a->end - a->first;
    return size == b->end - b->first &&
           (!size || !memcmp(terms + a->first, terms + b->first, (size_t)size * sizeof(int64_t)));
}

static int add_phrase(Query *q, PyObject *groups, int fields)
{
    if (!PyTuple_Check(groups) || !PyTuple_Size(groups)) {
        PyErr_SetString(PyExc_ValueError, "expected a tuple of groups, at least one");
        return -1;
    }
    if (grow((void **)&q->phrases, sizeof(Phrase), q->n_phrases, &q->room_phrases) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    Phrase *phrase = q->phrases + q->n_phrases++;
    phrase->fields = fields;
    phrase->first = (int64_t)q->n_groups;
    int64_t different = 0, slots = (int64_t)PyTuple_Size(groups);
    for (int64_t i = 0; i < slots; i++) {
        if (add_group(q, PyTuple_GetItem(groups, (Py_ssize_t)i)) < 0)
            return -1;
        Group *all = q->groups + phrase->first;
        while (!equal_groups(q, all + all[i].same, all + i))
            all[i].same++;
        different += all[i].same == i;
    }
    phrase->end = (int64_t)q->n_groups;
    phrase->in_one_pass = slots > 16 && different * different <= slots;
    return 0;
}

/* words: a tuple for each, of (fields, groups). */
static int read_query(Query *q, PyObject *words)
{
    Py_ssize_t n = PyTuple_Size(words);
    q->words = calloc((size_t)n + 1, sizeof(Word));
    if (!q->words) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *phrases = PyTuple_GetItem(words, i);
        Word *word = q->words + q->n_words++;
        word->first = (int64_t)q->n_phrases;
        if (!PyTuple_Check(phrases)) {
            PyErr_SetString(PyExc_TypeError, "expected a tuple of phrases");
            return -1;
        }
        for (Py_ssize_t j = 0; j < PyTuple_Size(phrases); j++) {
            int fields;
            PyObject *groups;
            if (!PyArg_ParseTuple(PyTuple_GetItem(phrases, j), "iO", &fields, &groups) ||
                add_phrase(q, groups, fields & 7) < 0)
                return -1;
        }
        word->end = (int64_t)q->n_phrases;
    }
    return 0;
}

/* Opens the cursors and sets the sizes; phrases that cannot be anywhere are left out. */
static int open_query(Store *o, Query *q, Fault *fault)
{
    q->cursors = malloc((q->terms.used + 1) * sizeof(Cursor));
    if (!q->cursors)
        return no_memory(fault);
    for (size_t t = 0; t < q->terms.used; t++)
        if (open_term(o, q->terms.items[t], q->cursors + t, fault) < 0)
            return -1;
    for (size_t g = 0; g < q->n_groups; g++) {
        q->groups[g].size = 0;
        for (int64_t t = q->groups[g].first; t < q->groups[g].end; t++)
            q->groups[g].size += ITEMS(o->s[DF], uint32_t)[q->terms.items[t]];
    }
    for (size_t w = 0; w < q->n_words; w++) {
        Word *word = q->words + w;
        int64_t kept = word->first;
        for (int64_t p = word->first; p < word->end; p++) {
            Phrase *phrase = q->phrases + p;
            phrase->size = q->groups[phrase->first].size;
            for (int64_t g = phrase->first + 1; g < phrase->end; g++)
                if (q->groups[g].size < phrase->size)
                    phrase->size = q->groups[g].size;
            if (!phrase->size)
                continue;
            word->size += phrase->size;
            word->in_place |= phrase->end - phrase->first > 1 || phrase->fields != 7;
            q->phrases[kept++] = *phrase;
        }
        word->end = kept;
    }
    return 0;
}

/* -- sets ------------------------------------------------------------------------------------------------ */

enum { CHUNK = 2048 }; /* documents that are sifted together */

typedef struct {
    uint32_t items[CHUNK];
    uint64_t hit[CHUNK], also[CHUNK], any[CHUNK];
    int64_t n;
} Documents;

static int64_t rarest(const Query *q, const Phrase *phrase)
{
    int64_t g = phrase->first;
    while (q->groups[g].size != phrase->size)
        g++;
    return g;
}

static int add_group_documents(const Store *o, const Query *q, int64_t g, uint64_t *bits, Fault *fault)
{
    for (int64_t t = q->groups[g].first; t < q->groups[g].end; t++)
        if (add_documents(o, q->cursors + t, o->documents, bits, fault) < 0)
            return -1;
    return 0;
}

/* The documents of the rarest group of each of a word's phrases. */
static int begin_with(const Store *o, const Query *q, const Word *word, uint64_t *bits, Fault *fault)
{
    for (int64_t p = word->first; p < word->end; p++)
        if (add_group_documents(o, q, rarest(q, q->phrases + p), bits, fault) < 0)
            return -1;
    return 0;
}

/* The group that all documents have, as they were begun with it, or -1. */
static int64_t begun_with(const Query *q, const Word *word)
{
    return word == q->words && word->end - word->first == 1 && !q->from_allowed ? rarest(q, q->phrases + word->first) : -1;
}

/* Leaves the documents that have all terms of one of a word's phrases, wherever these stand: whole sets at once, which
   is quicker where many are left.  room: three sets. */
static int narrow(const Store *o, const Query *q, const Word *word, uint64_t *bits, uint64_t *room, int64_t words,
                  Fault *fault)
{
    uint64_t *any = room, *all = room + words, *own = room + 2 * words;
    int64_t begun = begun_with(q, word);
    memset(any, 0, (size_t)words * 8);
    for (int64_t p = word->first; p < word->end; p++) {
        memcpy(all, bits, (size_t)words * 8);
        for (int64_t g = q->phrases[p].first; g < q->phrases[p].end; g++) {
            if (g == begun)
                continue;
            memset(own, 0, (size_t)words * 8);
            if (add_group_documents(o, q, g, own, fault) < 0)
                return -1;
            for (int64_t w = 0; w < words; w++)
                all[w] &= own[w];
        }
        for (int64_t w = 0; w < words; w++)
            any[w] |= all[w];
    }
    memcpy(bits, any, (size_t)words * 8);
    return 0;
}

/* Which of its terms each of the documents has, a bit each (of more than 64, some share one); a group is asked for
   documents that ascend. */
static void mark(const Query *q, const Group *group, const Documents *among, uint64_t *there)
{
    const uint32_t *items = among->items;
    const int64_t n = among->n;
    memset(there, 0, (size_t)n * sizeof(uint64_t));
    for (int64_t t = group->first; t < group->end && n; t++) {
        Cursor *c = q->cursors + t;
        const int shift = (int)(t - group->first) & 63;
        if (!c->docs) {
            const uint8_t *codes = c->codes;
            for (int64_t i = 0; i < n; i++)
                there[i] |= (uint64_t)(codes[items[i]] != 0) << shift;
            continue;
        }
        const uint32_t *docs = c->docs, last = items[n - 1];
        int64_t at = c->from = posting_from(docs, c->n, c->from, items[0]), end = c->n;
        for (int64_t i = 0; at < end && docs[at] <= last;) {
            if (docs[at] < items[i]) {
                at = posting_from(docs, end, at, items[i]);
                continue;
            }
            if (docs[at] > items[i])
                i = posting_from(items, n, i, docs[at]); /* there is one, as this is not beyond the last */
            if (docs[at] == items[i]) {
                there[i] |= 1ull << shift;
                at++;
            }
        }
    }
}

/* Notes which of its terms each of the documents has, where a group has several: only these are read then. */
static int mark_terms(const Query *q, Group *group, const Documents *among)
{
    if (group->end - group->first < 2 || group->end - group->first > 64)
        return 0;
    if (!group->there && !(group->there = malloc(CHUNK * sizeof(uint64_t))))
        return -1;
    mark(q, group, among, group->there);
    return 0;
}

static void keep_hits(Documents *among, const uint64_t *hit)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < among->n; i++) {
        among->items[kept] = among->items[i];
        kept += hit[i] != 0;
    }
    among->n = kept;
}

/* Leaves the documents that have all terms of one of a word's phrases, wherever these stand. */
static void keep_word(const Query *q, const Word *word, Documents *among)
{
    if (word->end - word->first == 1) {
        const Phrase *phrase = q->phrases + word->first;
        int64_t begun = begun_with(q, word);
        for (int64_t g = phrase->first; g < phrase->end; g++) {
            if (g == begun)
                continue;
            mark(q, q->groups + g, among, among->hit);
            keep_hits(among, among->hit);
        }
        return;
    }
    memset(among->any, 0, (size_t)among->n * sizeof(uint64_t));
    for (int64_t p = word->first; p < word->end; p++) {
        const Phrase *phrase = q->phrases + p;
        mark(q, q->groups + phrase->first, among, among->hit);
        for (int64_t g = phrase->first + 1; g < phrase->end; g++) {
            mark(q, q->groups + g, among, among->also);
            for (int64_t i = 0; i < among->n; i++)
                among->hit[i] = among->hit[i] && among->also[i];
        }
        for (int64_t i = 0; i < among->n; i++)
            among->any[i] |= among->hit[i];
    }
    keep_hits(among, among->any);
}

enum { MANY = 8 }; /* a share of all documents: so many are sifted as whole sets */

static int64_t bits_set(const uint64_t *bits, int64_t words)
{
    int64_t found = 0;
    for (int64_t w = 0; w < words; w++)
        found += __builtin_popcountll(bits[w]);
    return found;
}

/* Which of the documents from 64 w on are allowed, a bit each. */
static uint64_t allowed_of_64(const Store *o, const uint8_t *allowed, int64_t w)
{
    uint64_t found = 0;
    int64_t first = 64 * w, n = o->documents - first;
    if (n >= 64)
        return nonzero_of_64(allowed + first);
    for (int64_t i = 0; i < n; i++)
        found |= (uint64_t)(allowed[first + i] != 0) << i;
    return found;
}

typedef int (*Use)(Store *o, Query *q, Documents *among, void *found, Fault *fault);

/* Gives the documents that all words may be in to `use`, some at a time, until it says that there are enough (1) or
   fails (below 0).  allowed: one byte a document, or NULL. */
static int sift(Store *o, Query *q, const uint8_t *allowed, Use use, void *found, Fault *fault)
{
    for (size_t i = 1; i < q->n_words; i++) { /* rarest first */
        Word own = q->words[i];
        size_t j = i;
        for (; j && q->words[j - 1].size > own.size; j--)
            q->words[j] = q->words[j - 1];
        q->words[j] = own;
    }
    int64_t words = (o->documents + 63) >> 6;
    uint64_t *bits = calloc(4 * (size_t)words + 1, 8);
    Documents *among = malloc(sizeof(Documents));
    int failed = bits && among ? 0 : no_memory(fault);
    for (int64_t w = 0; allowed && w < words && !failed; w++)
        bits[words + w] = allowed_of_64(o, allowed, w);
    q->from_allowed = allowed && !failed && bits_set(bits + words, words) < q->words->size;
    if (q->from_allowed)
        memcpy(bits, bits + words, (size_t)words * 8);
    else if (!failed)
        failed = begin_with(o, q, q->words, bits, fault);
    for (int64_t w = 0; allowed && w < words && !failed; w++)
        bits[w] &= bits[words + w];
    size_t narrowed = 0;
    for (; narrowed < q->n_words && !failed && bits_set(bits, words) > o->documents / MANY; narrowed++)
        failed = narrow(o, q, q->words + narrowed, bits, bits + words, words, fault);
    for (int64_t w = 0; w < words && !failed;) {
        among->n = 0;
        for (; w < words && among->n <= CHUNK - 64; w++)
            for (uint64_t left = bits[w]; left; left &= left - 1)
                among->items[among->n++] = (uint32_t)(64 * w + __builtin_ctzll(left));
        for (size_t own = narrowed; own < q->n_words && among->n; own++)
            keep_word(q, q->words + own, among);
        if (among->n && !failed)
            failed = use(o, q, among, found, fault);
    }
    free(bits);
    free(among);
    return failed;
}

/* -- places ---------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Where a group stands in a document: at `small`, as it lies in the file, or at `items`. */
typedef struct {
    const uint16_t *small;
    int32_t *items;
    size_t used, room, at;
} Positions;

static inline int32_t nth_position(const Positions *own, size_t at)
{
    return own->small ? (int32_t)own->small[at] : own->items[at];
}

/* All positions of a group's terms in a document, the nth of those that are sifted, ascending. */
static int positions_in(Store *o, Query *q, const Group *group, int64_t document, int64_t nth, Positions *found,
                        Fault *fault)
{
    int several = 0;
    int64_t only = 0, number = 0;
    Cursor *cursors = q->cursors + group->first;
    found->used = found->at = 0;
    found->small = NULL;
    uint64_t left = group->there ? group->there[nth] : 0;
    for (int64_t t = 0; group->there ? left != 0 : t < group->end - group->first; t++) {
        if (group->there) {
            t = __builtin_ctzll(left);
            left &= left - 1;
        }
        int64_t count = count_in(o, cursors + t, document, fault);
        if (count < 0 || spend(fault, 64 + count) < 0)
            return -1;
        if (!count)
            continue;
        if (!several++ && o->s[POSITIONS].view.itemsize == 2) { /* of one term, mostly: nothing is copied */
            only = cursors[t].place;
            number = count;
            continue;
        }
        for (int64_t i = -number; i < count; i++) {
            if (grow((void **)&found->items, 4, found->used, &found->room) < 0)
                return no_memory(fault);
            found->items[found->used++] = position_at(o, i < 0 ? only + number + i : cursors[t].place + i);
        }
        number = 0;
    }
    if (number) {
        found->small = ITEMS(o->s[POSITIONS], uint16_t) + only;
        found->used = (size_t)number;
    }
    if (several < 2)
        return 0;
    if (spend(fault, 32 * (int64_t)found->used) < 0)
        return -1;
    if (found->used > 32)
        qsort(found->items, found->used, 4, ascending);
    for (size_t i = 1; i < found->used; i++) {
        int32_t own = found->items[i];
        size_t j = i;
        for (; j && found->items[j - 1] > own; j--)
            found->items[j] = found->items[j - 1];
        found->items[j] = own;
    }
    return 0;
}

/* Some documents, a bit for each of their positions. */
typedef struct {
    uint32_t items[CHUNK];
    int64_t first[CHUNK]; /* bit of each */
    uint8_t hit[CHUNK];
    int64_t n;
    uint64_t *bits[2]; /* where the groups so far stand side by side, and the same with one more */
    size_t room;
} Ground;

typedef struct {
    int64_t most;
    Ints documents, positions;
    Positions *own; /* of each group of a phrase */
    Ground *ground;
} Found;

/* As `begins_in`, of a long phrase of few groups: one pass over their positions.  Finds `most` at most; how many, below
   0: a fault.  A bit a slot says whether the slots up to this one stand in a row up to the position that is looked at. */
static int64_t begins_in_one_pass(Store *o, Query *q, const Phrase *phrase, int64_t document, int64_t nth, Positions *own,
                                  int64_t most, Ints *documents, Ints *positions, Fault *fault)
{
    const Group *groups = q->groups + phrase->first;
    const int64_t slots = phrase->end - phrase->first, words = (slots + 63) / 64;
    int64_t found = 0, last = -2, n = 0;
    uint64_t *bits = calloc((size_t)(words * (slots + 2)), sizeof(uint64_t));
    int64_t *different = malloc((size_t)slots * sizeof(int64_t));
    uint64_t *row = bits, *here = bits + words, *fits = bits + 2 * words; /* of each group, the slots that it fits */
    if (!bits || !different)
        found = no_memory(fault);
    for (int64_t s = 0; s < slots && !found; s++) {
        if (groups[s].same == s) {
            different[n++] = s;
            found = positions_in(o, q, groups + s, document, nth, own + s, fault);
        }
        fits[groups[s].same * words + s / 64] |= 1ull << (s & 63);
    }
    while (found >= 0 && found < most) {
        int64_t position = INT64_MAX;
        for (int64_t i = 0; i < n; i++) {
            const Positions *group = own + different[i];
            if (group->at < group->used && nth_position(group, group->at) < position)
                position = nth_position(group, group->at);
        }
        if (position == INT64_MAX)
            break;
        if (spend(fault, 2 * (n + words)) < 0) {
            found = -1;
            break;
        }
        memset(here, 0, (size_t)words * sizeof(uint64_t));
        for (int64_t i = 0; i < n; i++) {
            Positions *group = own + different[i];
            if (group->at >= group->used || nth_position(group, group->at) != position)
                continue;
            while (group->at < group->used && nth_position(group, group->at) == position)
                group->at++;
            for (int64_t w = 0; w < words; w++)
                here[w] |= fits[different[i] * words + w];
        }
        for (int64_t w = words - 1; w >= 0; w--)
            row[w] = position != last + 1 ? !w & here[w]
                                          : (row[w] << 1 | (w ? row[w - 1] >> 63 : 1)) & here[w];
        last = position;
        int64_t begin = position - slots + 1;
        if (!(row[words - 1] >> ((slots - 1) & 63) & 1) ||
            (phrase->fields != 7 && !(phrase->fields & field_of(o, document, begin))))
            continue;
        if (documents && (put_int(documents, document) < 0 || put_int(positions, begin) < 0))
            found = no_memory(fault);
        else
            found++;
    }
    free(bits);
    free(different);
    return found;
}

/* Puts where a phrase begins in a document; below 0: a fault. */
static int begins_in(Store *o, Query *q, const Phrase *phrase, const Documents *among, int64_t nth, Found *found,
                     Fault *fault)
{
    int64_t slots = phrase->end - phrase->first, fewest = 0, document = among->items[nth];
    Positions *own = found->own;
    if (phrase->in_one_pass) {
        int64_t begins =
            begins_in_one_pass(o, q, phrase, document, nth, own, INT64_MAX, &found->documents, &found->positions, fault);
        return begins < 0 ? -1 : 0;
    }
    for (int64_t s = 0; s < slots; s++) {
        if (positions_in(o, q, q->groups + phrase->first + s, document, nth, own + s, fault) < 0)
            return -1;
        if (!own[s].used)
            return 0;
        if (own[s].used < own[fewest].used)
            fewest = s;
    }
    for (size_t i = 0; i < own[fewest].used; i++) {
        int64_t begin = (int64_t)nth_position(own + fewest, i) - fewest, s = 0;
        if (i && nth_position(own + fewest, i - 1) - fewest == begin)
            continue; /* two terms of a group at one place */
        if (spend(fault, 4 * slots) < 0)
            return -1;
        for (; s < slots; s++) {
            Positions *slot = own + s;
            while (slot->at < slot->used && nth_position(slot, slot->at) < begin + s)
                slot->at++;
            if (slot->at >= slot->used || nth_position(slot, slot->at) != begin + s)
                break;
        }
        if (s < slots || (phrase->fields != 7 && !(phrase->fields & field_of(o, document, begin))))
            continue;
        if (put_int(&found->documents, document) < 0 || put_int(&found->positions, begin) < 0)
            return no_memory(fault);
    }
    return 0;
}

enum { MOST_BITS = 1 << 21 }; /* of documents that are looked at together, unless it is one */

/* Takes the next documents, `most` at most: how many, below 0: a fault. */
static int64_t take(const Store *o, const Documents *among, int64_t begin, int64_t most, Ground *ground, Fault *fault)
{
    int64_t bits = 0;
    ground->n = 0;
    for (int64_t i = begin; i < among->n && ground->n < most; i++) {
        int64_t own = ((int64_t)ITEMS(o->s[WIDTH], uint32_t)[among->items[i]] + 2 + 63) & ~63ll;
        if (ground->n && bits + own > MOST_BITS)
            break;
        ground->first[ground->n] = bits;
        ground->items[ground->n++] = among->items[i];
        bits += own;
    }
    if ((size_t)bits > ground->room) {
        ground->room = (size_t)(bits < MOST_BITS / 2 ? 2 * bits : bits);
        for (int i = 0; i < 2; i++) {
            free(ground->bits[i]);
            if (!(ground->bits[i] = calloc(ground->room >> 6, 8)))
                return no_memory(fault);
        }
    }
    return ground->n;
}

static int64_t bits_of(const Store *o, const Ground *ground)
{
    int64_t last = ground->n - 1;
    return ground->first[last] + (((int64_t)ITEMS(o->s[WIDTH], uint32_t)[ground->items[last]] + 2 + 63) & ~63ll);
}

/* One term of a phrase's group, in one document: its bits, or, of the last group, whether the phrase is there. */
static inline int stands_in(Store *o, Cursor *c, const Phrase *phrase, int64_t slot, Ground *ground, int64_t i,
                            Fault *fault)
{
    int64_t document = ground->items[i], last = phrase->end - phrase->first - 1;
    int64_t end = (int64_t)ITEMS(o->s[WIDTH], uint32_t)[document] + 2, count = count_in(o, c, document, fault);
    const uint64_t *before = ground->bits[~slot & 1] + (ground->first[i] >> 6);
    uint64_t *now = ground->bits[slot & 1] + (ground->first[i] >> 6);
    if (count < 0 || spend(fault, 8 + count) < 0)
        return -1;
    const int is_small = o->s[POSITIONS].view.itemsize == 2;
    const uint16_t *small = ITEMS(o->s[POSITIONS], uint16_t) + (is_small ? c->place : 0);
    const uint32_t *wide = ITEMS(o->s[POSITIONS], uint32_t) + (is_small ? 0 : c->place);
    for (int64_t at = 0; at < count; at++) {
        int64_t position = is_small ? small[at] : wide[at] & 0x7fffffff, previous = position - 1;
        if (position >= end)
            return wrong(fault, "a position lies beyond its document");
        if (slot && (!position || !(before[previous >> 6] >> (previous & 63) & 1)))
            continue;
        if (slot < last)
            now[position >> 6] |= 1ull << (position & 63);
        else if (phrase->fields == 7 || phrase->fields & field_of(o, document, position - last)) {
            ground->hit[i] = 1;
            break;
        }
    }
    return 0;
}

/* The same of a phrase of two terms, as most are: position by position. */
static int side_by_side(Store *o, Query *q, const Phrase *phrase, Ground *ground, Fault *fault)
{
    Cursor *a = q->cursors + q->groups[phrase->first].first, *b = q->cursors + q->groups[phrase->first + 1].first;
    for (int64_t i = 0; i < ground->n; i++) {
        int64_t document = ground->items[i], of_a = ground->hit[i] ? 0 : count_in(o, a, document, fault);
        int64_t of_b = of_a > 0 ? count_in(o, b, document, fault) : 0;
        if (of_a < 0 || of_b < 0 || spend(fault, 8 + of_a + of_b) < 0)
            return -1;
        for (int64_t at = a->place, to = b->place, at_end = at + of_a, to_end = to + of_b; at < at_end && to < to_end;) {
            int64_t next = position_at(o, at) + 1, position = position_at(o, to);
            if (next == position && (phrase->fields == 7 || phrase->fields & field_of(o, document, position - 1))) {
                ground->hit[i] = 1;
                break;
            }
            at += next <= position;
            to += position <= next;
        }
    }
    return 0;
}

/* In which of the documents a phrase stands: a term at a time, as its positions lie one behind the other. */
static int stands(Store *o, Query *q, const Phrase *phrase, Positions *own, Ground *ground, Fault *fault)
{
    const uint32_t *items = ground->items;
    int64_t n = ground->n;
    for (int64_t i = 0; phrase->in_one_pass && i < n; i++) {
        int64_t found = ground->hit[i] ? 1 : begins_in_one_pass(o, q, phrase, items[i], 0, own, 1, NULL, NULL, fault);
        if (found < 0)
            return -1;
        ground->hit[i] = found > 0;
    }
    if (phrase->in_one_pass)
        return 0;
    const Group *two = q->groups + phrase->first;
    if (phrase->end - phrase->first == 2 && two[0].end - two[0].first == 1 && two[1].end - two[1].first == 1)
        return side_by_side(o, q, phrase, ground, fault);
    for (int64_t slot = 0; slot < phrase->end - phrase->first; slot++) {
        const Group *group = q->groups + phrase->first + slot;
        for (int64_t t = group->first; t < group->end; t++) {
            Cursor *c = q->cursors + t;
            for (int64_t i = 0; i < n; i++) {
                if (c->docs) {
                    c->at = posting_from(c->docs, c->n, c->at, items[i]);
                    if (c->at >= c->n || (i = posting_from(items, n, i, c->docs[c->at])) >= n)
                        break;
                    if (c->docs[c->at] != items[i]) {
                        i--;
                        continue;
                    }
                }
                if (!ground->hit[i] && stands_in(o, c, phrase, slot, ground, i, fault) < 0)
                    return -1;
            }
        }
        if (slot)
            memset(ground->bits[~slot & 1], 0, (size_t)bits_of(o, ground) >> 3);
    }
    return 0;
}

static int keep_all(Store *o, Query *q, Documents *among, void *to, Fault *fault)
{
    Found *found = to;
    Ground *ground = found->ground;
    int64_t some = 64; /* at first, as a few may be enough */
    for (int64_t begin = 0, taken; begin < among->n; begin += taken, some = some < CHUNK / 2 ? 2 * some : CHUNK) {
        if ((taken = take(o, among, begin, some, ground, fault)) < 0)
            return -1;
        for (size_t w = 0; w < q->n_words; w++) {
            if (!q->words[w].in_place || !ground->n)
                continue;
            memset(ground->hit, 0, (size_t)ground->n);
            for (int64_t p = q->words[w].first; p < q->words[w].end; p++)
                if (stands(o, q, q->phrases + p, found->own, ground, fault) < 0)
                    return -1;
            int64_t kept = 0;
            for (int64_t i = 0; i < ground->n; i++) {
                ground->items[kept] = ground->items[i];
                ground->first[kept] = ground->first[i];
                kept += ground->hit[i];
            }
            ground->n = kept;
        }
        for (int64_t i = 0; i < ground->n; i++) {
            if (put_int(&found->documents, ground->items[i]) < 0)
                return no_memory(fault);
            if ((int64_t)found->documents.used >= found->most)
                return 1;
        }
    }
    return 0;
}

static int keep_begins(Store *o, Query *q, Documents *among, void *to, Fault *fault)
{
    Found *found = to;
    for (int64_t g = q->phrases->first; g < q->phrases->end; g++)
        if (mark_terms(q, q->groups + g, among) < 0)
            return no_memory(fault);
    for (int64_t i = 0; i < among->n; i++)
        if (begins_in(o, q, q->phrases, among, i, found, fault) < 0)
            return -1;
    return 0;
}

static void found_free(Found *found, const Query *q)
{
    for (size_t g = 0; found->own && g < q->n_groups; g++)
        free(found->own[g].items);
    for (int i = 0; found->ground && i < 2; i++)
        free(found->ground->bits[i]);
    free(found->own);
    free(found->ground);
}

static int find_all(Store *o, Query *q, const uint8_t *allowed, Use use, Found *found, Fault *fault)
{
    int failed = open_query(o, q, fault);
    for (size_t w = 0; w < q->n_words && !failed; w++)
        if (q->words[w].first == q->words[w].end)
            return 0;
    found->own = calloc(q->n_groups + 1, sizeof(Positions));
    found->ground = calloc(1, sizeof(Ground));
    if (!failed)
        failed = found->own && found->ground ? sift(o, q, allowed, use, found, fault) : no_memory(fault);
    found_free(found, q);
    return failed < 0 ? -1 : 0;
}

int span_allowed(Store *o, Span *span, PyObject *allowed)
{
    if (allowed == Py_None)
        return 0;
    if (span_open(span, allowed, 1, 0) < 0)
        return -1;
    if (span->n != o->documents) {
        PyErr_SetString(PyExc_ValueError, "expected one byte a document");
        return -1;
    }
    return 0;
}

static PyObject *bytes_of(const Ints *ints)
{
    return PyBytes_FromStringAndSize((char *)ints->items, (Py_ssize_t)(8 * ints->used));
}

/* size(terms) -> how many documents have any of them. */
PyObject *size(PyObject *self, PyObject *terms)
{
    Store *o = (Store *)self;
    Ints numbers = {0};
    PyObject *result = NULL;
    if (add_ints(terms, &numbers) < 0)
        goto done;
    Fault fault = {.page = -1};
    int64_t count = 0, words = (o->documents + 63) >> 6;
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    uint64_t *bits = calloc((size_t)words + 1, 8);
    failed = bits ? 0 : no_memory(&fault);
    for (size_t t = 0; t < numbers.used && !failed; t++) {
        Cursor c;
        failed = open_term(o, numbers.items[t], &c, &fault) || add_documents(o, &c, o->documents, bits, &fault);
    }
    for (int64_t w = 0; w < words && !failed; w++)
        count += __builtin_popcountll(bits[w]);
    free(bits);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault) : PyLong_FromLongLong(count);
done:
    free(numbers.items);
    return result;
}

/* having(words, allowed, most, seconds) -> the documents that have every word, ascending, `most` at most; eight bytes
   each.  seconds: the time there is. */
PyObject *having(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *words, *allowed, *result = NULL;
    long long most;
    double seconds;
    Query q = {0};
    Span mask = {.held = 0};
    Found found = {0};
    if (!PyArg_ParseTuple(args, "O!OLd", &PyTuple_Type, &words, &allowed, &most, &seconds))
        return NULL;
    if (span_allowed(o, &mask, allowed) < 0 || read_query(&q, words) < 0)
        goto done;
    if (!q.n_words) {
        PyErr_SetString(PyExc_ValueError, "expected at least one word");
        goto done;
    }
    found.most = most;
    Fault fault = {.page = -1, .end = end_of(seconds)};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = find_all(o, &q, mask.held ? ITEMS(mask, uint8_t) : NULL, keep_all, &found, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault) : bytes_of(&found.documents);
done:
    query_free(&q);
    free(found.documents.items);
    span_close(&mask, 1);
    return result;
}

/* in_a_row(groups, fields, allowed, seconds) -> (documents, positions): where groups stand side by side, eight bytes
   each. */
PyObject *in_a_row(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *groups, *allowed, *result = NULL;
    int fields;
    double seconds;
    Query q = {0};
    Span mask = {.held = 0};
    Found found = {0};
    if (!PyArg_ParseTuple(args, "OiOd", &groups, &fields, &allowed, &seconds))
        return NULL;
    q.words = calloc(1, sizeof(Word));
    if (!q.words)
        return PyErr_NoMemory();
    if (span_allowed(o, &mask, allowed) < 0 || add_phrase(&q, groups, fields & 7) < 0)
        goto done;
    q.n_words = 1;
    q.words->end = 1;
    Fault fault = {.page = -1, .end = end_of(seconds)};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = find_all(o, &q, mask.held ? ITEMS(mask, uint8_t) : NULL, keep_begins, &found, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault)
                    : Py_BuildValue("NN", bytes_of(&found.documents), bytes_of(&found.positions));
done:
    query_free(&q);
    free(found.documents.items);
    free(found.positions.items);
    span_close(&mask, 1);
    return result;
}

/* -- occurrences ---------------------------------------------------------------------------------------- */

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

static size_t run_end(const Occurrence *items, size_t at, size_t n)
{
    while (++at < n && before(items + at - 1, items + at) <= 0)
        ;
    return at < n ? at : n;
}

/* Sorts what is made of runs that ascend: each two that are neighbours become one, until one is left. */
static int merge_runs(Occurrence *items, size_t n, Fault *fault)
{
    Occurrence *spare = malloc(n * sizeof(Occurrence)), *from = items, *to = spare;
    if (!spare)
        return no_memory(fault);
    int failed = 0;
    for (size_t middle = 0, end; !failed && run_end(from, 0, n) < n;) {
        for (size_t begin = 0; begin < n && !failed; begin = end) {
            middle = run_end(from, begin, n);
            end = middle < n ? run_end(from, middle, n) : n;
            for (size_t a = begin, b = middle, at = begin; at < end; at++)
                to[at] = b >= end || (a < middle && before(from + a, from + b) <= 0) ? from[a++] : from[b++];
            failed = spend(fault, 8 * (int64_t)(end - begin));
        }
        Occurrence *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items)
        memcpy(items, from, n * sizeof(Occurrence));
    free(spare);
    return failed;
}

/* Sorts those of one document, a run of each term. */
static int sort_occurrences(Occurrence *items, size_t n, Fault *fault)
{
    if (n > 48)
        return merge_runs(items, n, fault);
    for (size_t i = 1; i < n; i++) {
        Occurrence own = items[i];
        size_t j = i;
        for (; j && before(&own, items + j - 1) < 0; j--)
            items[j] = items[j - 1];
        items[j] = own;
    }
    return 0;
}

/* Where a term stands in a document. */
typedef struct {
    int64_t place;
    int32_t count;
} Run;

/* The runs of a term in all documents; their positions are called for, so that they come while the next are found. */
static int runs_of(Store *o, int64_t term, const int64_t *documents, int64_t n, Run *runs, Fault *fault)
{
    Cursor c;
    const Span *positions = o->s + POSITIONS;
    if (open_term(o, term, &c, fault) < 0)
        return -1;
    for (int64_t i = 0; i < n; i++) {
        int64_t count = count_in(o, &c, documents[i], fault);
        if (count < 0)
            return -1;
        runs[i] = (Run){c.place, (int32_t)count};
#ifdef __GNUC__
        if (count)
            __builtin_prefetch((const char *)positions->view.buf + c.place * positions->view.itemsize);
#endif
    }
    return 0;
}

/* What is looked for in which documents. */
typedef struct {
    Ints terms, words; /* of each term of the groups its group */
    Span codes, documents;
} Sought;

static int put_run(Store *o, const Sought *s, int64_t term, int64_t i, const Run *run, int fields, Occurrences *found,
                   Fault *fault)
{
    int64_t document = ITEMS(s->documents, int64_t)[i], end = (int64_t)ITEMS(o->s[WIDTH], uint32_t)[document] + 2;
    int32_t word = (int32_t)s->words.items[term], code = s->codes.held ? ITEMS(s->codes, int32_t)[term] : 0;
    for (int64_t k = 0; k < run->count; k++) {
        int32_t position = position_at(o, run->place + k);
        if (position >= end)
            return wrong(fault, "a position lies beyond its document");
        if (fields != 7 && !(fields & field_of(o, document, position)))
            continue;
        if (grow((void **)&found->items, sizeof(Occurrence), found->used, &found->room) < 0)
            return no_memory(fault);
        found->items[found->used++] = (Occurrence){(int32_t)i, position, word, code};
    }
    return spend(fault, 8 * (int64_t)run->count);
}

static int gather_all(Store *o, const Sought *s, int fields, Occurrences *found, Fault *fault)
{
    int64_t terms = (int64_t)s->terms.used, n = s->documents.n;
    const int64_t *documents = ITEMS(s->documents, int64_t);
    for (int64_t i = 0, last = -1; i < n; last = documents[i++])
        if (documents[i] <= last || documents[i] >= o->documents)
            return wrong(fault, "documents do not ascend");
    Run *runs = malloc(((size_t)(terms * n) + 1) * sizeof(Run));
    int failed = runs ? 0 : no_memory(fault);
    for (int64_t t = 0; t < terms && !failed; t++)
        failed = runs_of(o, s->terms.items[t], documents, n, runs + t * n, fault);
    for (int64_t i = 0; i < n && !failed; i++) {
        size_t begin = found->used;
        for (int64_t t = 0; t < terms && !failed; t++)
            failed = put_run(o, s, t, i, runs + t * n + i, fields, found, fault);
        if (!failed)
            failed = sort_occurrences(found->items + begin, found->used - begin, fault);
    }
    free(runs);
    return failed;
}

static int read_sought(Sought *s, PyObject *groups, PyObject *codes, PyObject *documents)
{
    for (Py_ssize_t word = 0, n = PyTuple_Size(groups); word < n; word++) {
        if (add_ints(PyTuple_GetItem(groups, word), &s->terms) < 0)
            return -1;
        while (s->words.used < s->terms.used)
            if (put_int(&s->words, word) < 0) {
                PyErr_NoMemory();
                return -1;
            }
    }
    if (span_open(&s->documents, documents, 8, 0) < 0 || (codes != Py_None && span_open(&s->codes, codes, 4, 0) < 0))
        return -1;
    if (s->codes.held && s->codes.n != (int64_t)s->terms.used) {
        PyErr_SetString(PyExc_ValueError, "each term needs a code");
        return -1;
    }
    return 0;
}

/* gather(groups, codes, documents, fields, seconds) -> the occurrences of groups of terms in documents (ascending), by
   document, position and group.  codes: of each term what its occurrences are, or None.  seconds: the time there is. */
PyObject *gather(PyObject *self, PyObject *args)
{
    Store *o = (Store *)self;
    PyObject *groups, *codes, *documents, *result = NULL;
    int fields;
    double seconds;
    if (!PyArg_ParseTuple(args, "O!OOid", &PyTuple_Type, &groups, &codes, &documents, &fields, &seconds))
        return NULL;
    Sought s = {.codes = {.held = 0}};
    Occurrences found = {0};
    if (read_sought(&s, groups, codes, documents) < 0)
        goto done;
    Fault fault = {.page = -1, .end = end_of(seconds)};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    failed = gather_all(o, &s, fields, &found, &fault);
    Py_END_ALLOW_THREADS;
    result = failed ? raise_fault(o, &fault)
                    : PyBytes_FromStringAndSize((char *)found.items, (Py_ssize_t)(sizeof(Occurrence) * found.used));
done:
    free(found.items);
    free(s.terms.items);
    free(s.words.items);
    span_close(&s.codes, 1);
    span_close(&s.documents, 1);
    return result;
}
