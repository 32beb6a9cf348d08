/* The module vnsearch.kernels._native: what stands in the other files of this folder, by name. */
#include "native.h"

int span_open(Span *span, PyObject *object, Py_ssize_t item, int writable)
{
    span->held = 0;
    if (PyObject_GetBuffer(object, &span->view, writable ? PyBUF_CONTIG : PyBUF_CONTIG_RO) < 0)
        return -1;
    span->held = 1;
    if (span->view.itemsize != item && !(span->view.itemsize == 1 && span->view.len % item == 0)) {
        PyErr_Format(PyExc_ValueError, "expected items of %zd bytes, got %zd", item, span->view.itemsize);
        return -1;
    }
    if (span->view.len && (uintptr_t)span->view.buf % (size_t)(item < 8 ? item : item % 8 ? 4 : 8)) {
        PyErr_Format(PyExc_ValueError, "items of %zd bytes are not aligned", item);
        return -1;
    }
    span->n = span->view.len / item;
    return 0;
}

void span_close(Span *spans, int number)
{
    for (int i = 0; i < number; i++)
        if (spans[i].held) {
            PyBuffer_Release(&spans[i].view);
            spans[i].held = 0;
        }
}

int grow(void **items, size_t item, size_t used, size_t *room)
{
    if (used < *room)
        return 0;
    size_t more = *room ? 2 * *room : 256;
    void *moved = realloc(*items, more * item);
    if (!moved)
        return -1;
    *items = moved;
    *room = more;
    return 0;
}

static int fill(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "VERSION", 22) < 0 || PyModule_AddFunctions(module, indexing_methods) < 0 ||
        PyModule_AddFunctions(module, ranking_methods) < 0 ||
        PyModule_AddFunctions(module, language_methods) < 0 || PyModule_AddFunctions(module, phrase_methods) < 0 ||
        PyModule_AddFunctions(module, chain_methods) < 0 || PyModule_AddFunctions(module, count_methods) < 0 ||
        add_table(module) < 0)
        return -1;
    return add_store(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "vnsearch.kernels._native", .m_size = 0, .m_slots = slots,
};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
