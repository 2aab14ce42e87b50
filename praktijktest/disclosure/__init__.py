"""Disclosure control: what may be published of a round without singling anybody out."""

from praktijktest.disclosure.crossings import Crossings, TestPlaces
from praktijktest.disclosure.protection import Protected, protected

__all__ = ["Crossings", "Protected", "TestPlaces", "protected"]
