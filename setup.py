"""The compiled kernels.  Where they cannot be compiled, vnsearch is installed without, and NumPy does the same."""

import sysconfig
from pathlib import Path

from setuptools import Extension, setup

STABLE = not sysconfig.get_config_var("Py_GIL_DISABLED")  # free-threaded Pythons have no stable ABI yet

setup(
    ext_modules=[
        Extension(
            "vnsearch.kernels._native",
            sorted(map(str, Path("src/vnsearch/kernels").glob("*.c"))),
            depends=sorted(map(str, Path("src/vnsearch/kernels").glob("*.h"))),
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=["-O3", "-std=c11", "-ffp-contract=off", "-fno-strict-aliasing"],
            py_limited_api=STABLE,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE else {},
)
