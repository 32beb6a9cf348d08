/* What kernels share that read places in a row of a query: see `suggest.chain`. */
#ifndef VNSEARCH_CHAINS_H
#define VNSEARCH_CHAINS_H
#include "native.h"

enum { WIDEST = 1 << 12 }; /* spellings of a place */

/* How many chances of threes there are from this place on, as `twins.chances` gives them. */
static inline int64_t threes_from(const int64_t *sizes, int whole, int64_t place)
{
    int64_t all = sizes[place] * sizes[place + 1] * sizes[place + 2];
    return whole || all > 1 ? all : 0;
}

#endif
