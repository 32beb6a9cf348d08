"""What several tests share: the index of the bundled sample, and the large corpora where they are at hand."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from vnsearch import Index, read

settings.register_profile("no clock", deadline=None)  # tests never assert a time
settings.load_profile("no clock")

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoosh's writers in memory keep files under a fixed name in the temporary folder: two runs must not share it."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("temporary"))
    yield
    tempfile.tempdir = before


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of everything in examples/; nobody writes to it."""
    index = Index.create(tmp_path_factory.mktemp("sample") / "index")
    with index.writer() as writer:
        for article in read(EXAMPLES):
            writer.add(article)
    return index


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real corpora, which is not part of the project."""
    folder = Path(os.environ.get("VNSEARCH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the large corpora are not at {folder}; set VNSEARCH_DATA to run this test")
    return folder
