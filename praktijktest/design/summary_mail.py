"""What a design declares about mail, in words."""

from praktijktest.design.model import Design
from praktijktest.design.summary_lines import Line, days, listed


def mail_lines(design: Design) -> list[Line]:
    """Addresses, references, portals and phrases; nothing where the design declares none."""
    chosen = design.mail
    if "mail" not in design.model_fields_set:
        return []
    lines: list[Line] = []
    if chosen.addresses:
        lines.append(("mail addresses", f"declared for {listed(tuple(chosen.addresses), 'and')}"))
    if chosen.address_form is not None:
        lines.append(("address of a name", chosen.address_form))
    if chosen.domains:
        lines.append(("our domains", ", ".join(chosen.domains)))
    lines.append(("reference", chosen.reference_form))
    lines.append(("plus-address", f"mailbox+{chosen.plus_form}@…"))
    if chosen.portals:
        lines.append(("portals", ", ".join(chosen.portals)))
    lines.append(("by sender alone", f"up to {days(chosen.window_days)} after sending"))
    for phrase in chosen.phrase:
        patterns = "; ".join(phrase.patterns)
        lines.append((f"words for {phrase.code}", f"{patterns} ({phrase.language})"))
    return lines
