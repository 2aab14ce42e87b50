"""Message catalogues in Dutch, French and English; numbers, dates and intervals in words."""

from praktijktest.language.language import Language, Written, language_named, shortened
from praktijktest.language.message import Message, message

__all__ = ["Language", "Message", "Written", "language_named", "message", "shortened"]
