"""What the writers of both engines are: changes that are committed at the end of a `with` block, or rolled back."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from .errors import IndexProblemError


class Transaction(ABC):
    """Commits at the end of a `with` block; rolls back where that ends with an exception."""

    _closed = False

    @abstractmethod
    def commit(self, *, optimize: bool = False) -> None:
        """Makes every change visible and ends the writer."""

    @abstractmethod
    def rollback(self) -> None:
        """Forgets every change and ends the writer."""

    def _check_open(self, index: object) -> None:
        if self._closed:
            raise IndexProblemError(index, "this writer has ended; get a new one from Index.writer()")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()
