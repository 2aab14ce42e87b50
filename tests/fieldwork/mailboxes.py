"""A planned round and a mailbox for it, with the truth about every message.

The messages are made, not collected: offices, firms with branches, private landlords, portals
and people who only have a telephone answer in three languages, with the faults that real mail
has, among newsletters, reports of failed delivery and mail that concerns nobody of the round.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from praktijktest.rounds.plan import plan_round
from praktijktest.tables import plain_csv

DESIGN = """format = 1
[round]
id = "mailround"
market = "housing"
place = "Gent"
jurisdiction = "be-vlg"
start = 2026-01-05
end = 2027-12-18
language = "nl"
[test]
kind = "paired"
order = "random"
gap_hours = [3, 8]
response_days = 14
[[profile]]
id = "flemish"
attributes = {{ origin = "flemish" }}
names = {flemish}
[[profile]]
id = "moroccan"
attributes = {{ origin = "moroccan" }}
names = {moroccan}
[[contrast]]
id = "origin"
attribute = "origin"
ground = "origin"
control = "flemish"
test = "moroccan"
[outcomes]
scheme = "housing"
[reading]
missing_outcome = "no-reply"
contacts = "best"
[sampling]
tests_per_target = {tests}
[assignment]
seed = 7
channel = "mail"
testers = ["An", "Bob", "Cem"]
{assignment}
[mail]
{mail}
portals = ["portal.example"]
"""
FIRST = {
    "flemish": ["Wouter", "Bram", "Jeroen", "Tom", "Koen", "Stijn", "Pieter"],
    "moroccan": ["Rachid", "Youssef", "Mohamed", "Hamza", "Bilal", "Ilyas", "Karim"],
}
LAST = {
    "flemish": ["Claes", "Maes", "Peeters", "Jacobs"],
    "moroccan": ["El Amrani", "Benali", "Aït Taleb", "Ouali"],
}
WORDS = {
    "already-rented": [
        "Beste,\n\nHet appartement is intussen al verhuurd.\n\nMvg",
        "Bonjour,\n\nCe bien est déjà loué.\n\nCordialement",
        "Hello,\n\nThe flat has already been let.\n\nKind regards",
    ],
    "viewing-individual": [
        "Dag,\n\nU bent van harte welkom op dinsdag om 17u30 voor een bezichtiging.\n\nGroeten",
        "Bonjour,\n\nVous pouvez venir visiter jeudi à 18h.\n\nBien à vous",
        "Good afternoon,\n\nYou are welcome to view the apartment on Monday at 5 pm.\n\nRegards",
    ],
    "more-information": [
        "Hallo,\n\nWat doet u voor werk? En heeft u huisdieren?",
        "Bonjour,\n\nQuelle est votre profession ? Avez-vous des enfants ?",
        "Hi,\n\nWhat do you do for a living?",
    ],
    "refused-ground": [
        "De eigenaar wil geen buitenlanders in het gebouw.",
        "Le propriétaire ne veut pas d'étrangers, désolé.",
        "Sorry, no foreigners.",
    ],
    "": ["Beste, dank voor uw bericht. Groeten", "Bonjour, merci. Cordialement", "Hi, thanks."],
}


@dataclass(frozen=True)
class Letter:
    """A message of a made mailbox.

    Attributes:
        content: its bytes.
        truth: the application it belongs to; "" where it belongs to none, or to several.
        findable: whether the message itself tells enough to find the application.
        code: what its words suggest, "" where nothing.
        kind: what sort of message it is.
    """

    content: bytes
    truth: str
    findable: bool
    code: str
    kind: str


def make_round(folder: Path, *, targets: int = 200, tests: int = 10, shared: bool = False) -> None:
    """A round folder with its plan; with `shared`, identities share four mailboxes."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        profile: "[" + ", ".join(f'"{f} {n}"' for f in FIRST[profile] for n in LAST[profile]) + "]"
        for profile in FIRST
    }
    boxes = [f"box{number}" for number in range(4)]
    design = DESIGN.format(
        **names,
        tests=tests,
        assignment=f"mailboxes = {boxes}" if shared else "",
        mail='address_form = "{mailbox}@post.example.org"'
        if shared
        else 'address_form = "{name}@post.example.org"',
    )
    (folder / "design.toml").write_text(design, encoding="utf-8")
    rows = [
        [
            f"target-{number:04d}",
            f"firm-{number % 40:02d}" if number % 4 == 1 else "",
            f"AD-{number:04d}{advert:02d}"
            if number % 2
            else f"{20_000_000 + number * 100 + advert}",
            contact_of(number),
        ]
        for number in range(targets)
        for advert in range(tests)
    ]
    header = ["target", "target_group", "advert", "contact"]
    (folder / "frame.csv").write_bytes(plain_csv(header, rows))
    plan_round(folder)


def contact_of(number: int) -> str:
    """How a target is reached: office, branch of a firm, private person, or by telephone."""
    return (
        f"info@kantoor-{number:04d}.example",
        f"filiaal{number:04d}@firma-{number % 40:02d}.example",
        f"verhuurder.{number:04d}@gmail.com",
        f"0470 {number // 100:02d} {number % 100:02d} 55",
    )[number % 4]


def plan_of(folder: Path) -> list[dict[str, str]]:
    """The rows of a plan."""
    import csv

    with (folder / "plan.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class Postman:
    """Makes the messages of a round; the same seed makes the same ones."""

    def __init__(self, rows: list[dict[str, str]], seed: int = 1, *, shared: bool = False) -> None:
        self.rows = rows
        self.random = random.Random(seed)
        self.shared = shared
        self.sent: set[str] = set()
        self.number = 0

    def address(self, row: dict[str, str]) -> str:
        local = row["mailbox"] if self.shared else row["name"]
        plain = local.replace("ï", "i").lower().replace(" ", ".")
        return f"{plain}@post.example.org"

    def when(self, row: dict[str, str], hours: float) -> datetime:
        return datetime.fromisoformat(row["send_at"]) + timedelta(hours=hours)

    def new(self, sender: str, to: str, subject: str, body: str, moment: datetime) -> EmailMessage:
        self.number += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = moment
        mail["Message-ID"] = f"<{self.number}.{self.random.random()}@mail.example>"
        mail.set_content(body)
        return mail

    def application_letter(self, row: dict[str, str]) -> Letter:
        """What we sent, as it stands among the sent items."""
        self.sent.add(row["application"])
        to = row["contact"] if "@" in row["contact"] else "form@portal.example"
        mail = self.new(
            f"{row['name']} <{self.address(row)}>",
            to,
            f"Te huur: {row['advert']}",
            f"Geachte,\n\nZou ik eens mogen komen kijken?\n\n{row['name']}\n",
            self.when(row, 0),
        )
        del mail["Message-ID"]
        mail["Message-ID"] = self.own_id(row)
        return Letter(bytes(mail), row["application"], True, "", "sent")

    def own_id(self, row: dict[str, str]) -> str:
        return f"<sent.{row['application']}@post.example.org>"

    def reply(self, row: dict[str, str]) -> Letter:
        """A person's answer, in one of the ways in which people answer."""
        code = self.random.choice(list(WORDS))
        body = self.random.choice(WORDS[code])
        style = self.random.choice(self.styles(row))
        subject = f"Re: Te huur: {row['advert']}" if "advert" in style else "Re: uw bericht"
        mail = self.new(
            self.sender(row, style),
            f"{row['name']} <{self.address(row)}>",
            subject,
            body + self.quotation(row),
            self.when(row, self.random.uniform(1, 400)),
        )
        findable = style != "stranger"
        if "thread" in style:
            mail["In-Reply-To"] = mail["References"] = self.own_id(row)
        if "plus" in style:
            del mail["To"]
            mail["To"] = "master@post.example.org"
            mail["Delivered-To"] = self.address(row).replace("@", f"+{row['application']}@")
        if style == "reference":
            del mail["Subject"]
            mail["Subject"] = f"Antwoord [{row['application']}]"
        return Letter(self.damaged(mail), row["application"], findable, code, style)

    def styles(self, row: dict[str, str]) -> list[str]:
        styles = ["advert portal", "plus stranger", "stranger", "reference"]
        if row["application"] in self.sent:
            styles += ["thread stranger", "thread contact"] * 3
        if "@" in row["contact"]:
            styles += ["contact", "contact advert", "colleague advert"] * 2
            if row["target_group"] == "" and "gmail" not in row["contact"]:
                styles.append("colleague")
        return styles

    def sender(self, row: dict[str, str], style: str) -> str:
        if "portal" in style:
            return "Portaal <noreply-leads@portal.example>"
        if "contact" in style:
            return f"Verhuur <{row['contact']}>"
        if "colleague" in style and "gmail" not in row["contact"]:
            return f"Collega <els@{row['contact'].partition('@')[2]}>"
        return f"Iemand <prive{self.random.randrange(10**6)}@thuis.example>"

    def quotation(self, row: dict[str, str]) -> str:
        moment = self.when(row, 0)
        return self.random.choice(
            [
                "",
                f"\n\nOp {moment:%d/%m/%Y} om {moment:%H:%M} schreef {row['name']}:\n"
                "> Zou ik eens mogen komen kijken?\n",
                f"\n\nLe {moment:%d/%m/%Y}, {row['name']} a écrit :\n> Pourrais-je visiter ?\n",
                f"\n\n-----Original Message-----\nFrom: {row['name']}\nSent: today\n\nMay I?",
            ]
        )

    def damaged(self, mail: EmailMessage) -> bytes:
        """The bytes, sometimes with the faults of real programs."""
        fault = self.random.randrange(12)
        if fault == 0:
            text = mail.get_content()
            del mail["Content-Type"], mail["Content-Transfer-Encoding"]
            mail.set_content(
                f"<html><body>{text.replace(chr(10), '<br>')}</body></html>", subtype="html"
            )
        content = bytes(mail)
        if fault == 1:
            content = content.replace(b'charset="utf-8"', b"charset=x-unknown-8bit")
        if fault == 2:
            content = mail.as_bytes(policy=SMTP)
        if fault == 3:
            content = b"X-Broken: \xff\xfe=?utf-8?Q?=\n continued\n" + content
        if fault == 4:
            lines = content.split(b"\n")
            content = b"\n".join(line for line in lines if not line.startswith(b"Date:"))
        if fault == 5:
            lines = content.split(b"\n")
            content = b"\n".join(line for line in lines if not line.startswith(b"Message-ID:"))
        return content

    def automatic(self, row: dict[str, str]) -> Letter:
        mail = self.new(
            "Kantoor <noreply@ticket.example>",
            self.address(row),
            "Automatisch antwoord: Te huur",
            "Wij hebben uw bericht goed ontvangen en nemen zo snel mogelijk contact op.",
            self.when(row, 0.1),
        )
        mail["Auto-Submitted"] = "auto-replied"
        known = row["application"] in self.sent
        if known:
            mail["In-Reply-To"] = self.own_id(row)
        return Letter(bytes(mail), row["application"], known, "auto-reply", "automatic")

    def bounce(self, row: dict[str, str]) -> Letter:
        failed = row["contact"] if "@" in row["contact"] else "weg@nergens.example"
        content = (
            f"Return-Path: <>\nFrom: MAILER-DAEMON@post.example.org\nTo: {self.address(row)}\n"
            "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
            f"Date: {self.when(row, 0.01):%a, %d %b %Y %H:%M:%S %z}\n"
            f"Message-ID: <dsn{self.number}.{row['application']}@post.example.org>\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="XX"\n\n'
            "--XX\nContent-Type: text/plain\n\nIt failed.\n"
            "--XX\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
            f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n\n"
            f"--XX\nContent-Type: text/rfc822-headers\n\nMessage-ID: {self.own_id(row)}\n"
            f"To: {failed}\n\n--XX--\n"
        )
        known = row["application"] in self.sent or "@" in row["contact"]
        return Letter(content.encode(), row["application"], known, "bounced", "bounce")

    def text_message(self, row: dict[str, str]) -> Letter:
        """A text message that the telephone of an identity passes on."""
        number = row["contact"] if "@" not in row["contact"] else "0499 99 88 77"
        mail = self.new(
            "sms@gateway.example",
            self.address(row),
            f"SMS van {number.replace(' ', '')}",
            "Dag, u kan komen kijken op dinsdag om 18u.",
            self.when(row, 5),
        )
        known = "@" not in row["contact"]
        return Letter(bytes(mail), row["application"], known, "viewing-individual", "sms")

    def about_several(self, row: dict[str, str]) -> Letter:
        """One answer to three adverts at once: for a person."""
        others = [
            other["advert"]
            for other in self.rows
            if other["target"] == row["target"] and other["advert"] != row["advert"]
        ][:2]
        mail = self.new(
            f"Verhuur <{row['contact']}>",
            self.address(row),
            f"Uw vragen over {row['advert']}, {', '.join(others)}",
            "Alle drie zijn al verhuurd.",
            self.when(row, 20),
        )
        return Letter(bytes(mail), "", False, "", "several")

    def to_both(self, row: dict[str, str]) -> Letter:
        twin = next(
            other
            for other in self.rows
            if other["test"] == row["test"] and other["application"] != row["application"]
        )
        mail = self.new(
            f"Verhuur <{row['contact']}>",
            f"{self.address(row)}, {self.address(twin)}",
            f"Re: Te huur: {row['advert']}",
            "Beste kandidaten, het is al verhuurd.",
            self.when(row, 30),
        )
        return Letter(bytes(mail), "", False, "", "both")

    def stray(self, row: dict[str, str]) -> Letter:
        """Mail that is nobody's reply: newsletters, advertising, the wrong address."""
        kind = self.random.randrange(4)
        sender = ("news@shop.example", "noreply@portal.example", "x@y.example", "a@kpn.example")[
            kind
        ]
        to = self.address(row) if kind < 3 else "someone@elsewhere.example"
        mail = self.new(
            f"Iets <{sender}>", to, "Nieuwsbrief 2026-1234", "Koop nu! " * 5, self.when(row, 50)
        )
        if kind < 2:
            mail["List-Unsubscribe"] = "<https://shop.example/u>"
        return Letter(bytes(mail), "", False, "", "stray")


def make_mailbox(rows: list[dict[str, str]], size: int, *, shared: bool = False) -> list[Letter]:
    """So many messages for a plan: a third of them our own, the rest what came back."""
    post = Postman(rows, shared=shared)
    draw = post.random
    sent = draw.sample(rows, min(len(rows), size // 3))
    letters = [post.application_letter(row) for row in sent]
    makers = (
        [post.reply] * 14
        + [post.automatic, post.bounce, post.text_message, post.stray]
        + [post.about_several, post.to_both]
    )
    used: set[tuple[str, str]] = set()
    while len(letters) < size:
        maker, row = draw.choice(makers), draw.choice(rows)
        if (maker.__name__, row["application"]) in used:
            continue
        used.add((maker.__name__, row["application"]))
        letters.append(maker(row))
    draw.shuffle(letters)
    return letters


def as_mbox(letters: list[Letter]) -> bytes:
    """The messages as an mbox, with the quoting of lines that begin with From."""
    parts = []
    for letter in letters:
        body = letter.content.replace(b"\nFrom ", b"\n>From ")
        ending = b"" if body.endswith(b"\n") else b"\n"
        parts.append(b"From x@mail.example Mon Nov  2 10:00:00 2026\n" + body + ending + b"\n")
    return b"".join(parts)
