"""How the work goes: what should have been done by now, as far as the database knows."""

from collections import Counter

from console.doctor.examination import Check
from console.doctor.findings import Finding, counted, failed, passed, some, warned
from console.doctor.patient import Patient, Program
from domain.health import HealthReport, Lot, Matter

MOST_ALERTS = 1_000
STATUS = "python starter.py status CODE"
PROGRAMS = (Program.WORKER, Program.MCP)
A_WEEK = "in the last seven days"


async def _bookings(patient: Patient) -> list[Finding]:
    name = "work.bookings"
    state = await patient.answer((await patient.allowed("service_state")).service_state())
    if state.unreconciled:
        return [
            failed(
                name,
                "The database was restored and is not reconciled: nothing is booked or charged.",
                "Reconcile it: python starter.py restored",
            )
        ]
    if state.paused:
        return [
            warned(
                name,
                "Bookings are paused: nothing is claimed and nothing sent.",
                "When what made somebody pause them is over: python starter.py bookings resume",
            )
        ]
    return [passed(name, "Bookings are not paused.")]


async def _progress(patient: Patient) -> list[Finding]:
    report = await patient.health()
    return [
        _executed(report),
        _missed(report),
        _on_time(report),
        _receipts(report),
        _fees(report),
        _letters(report),
        _reviews(report),
    ]


def _executed(report: HealthReport) -> Finding:
    name, overdue, stuck = "work.overdue", report.of(Matter.OVERDUE), report.of(Matter.STUCK)
    if not overdue.count + stuck.count:
        return passed(name, "Every opening that came was worked on.")
    parts = [
        f"{_lot(overdue)} still pending after the opening" if overdue.count else "",
        f"{_lot(stuck)} executing for more than ten minutes after it" if stuck.count else "",
    ]
    return failed(
        name,
        f"{'; '.join(filter(None, parts))}.",
        "See temporal.pollers, temporal.schedules, work.bookings and bookeo here, then "
        f"{STATUS}. Within an hour of the opening it is still booked.",
    )


def _missed(report: HealthReport) -> Finding:
    name = "work.missed"
    missed, locked_out = report.of(Matter.MISSED), report.of(Matter.LOCKED_OUT)
    if not missed.count + locked_out.count:
        return passed(name, f"None failed by our own doing {A_WEEK}.")
    parts = [
        f"{_lot(missed)} not worked on while it could be booked" if missed.count else "",
        f"{_lot(locked_out)} refused for our keys or a signature" if locked_out.count else "",
    ]
    return warned(
        name,
        f"Failed by our own doing {A_WEEK}: {'; '.join(filter(None, parts))}.",
        "Those are over; schedule them again where a place is left. Find out what was down then.",
    )


def _on_time(report: HealthReport) -> Finding:
    name, late = "work.lateness", report.of(Matter.LATE)
    if not late.count:
        return passed(name, f"No booking left more than a second late {A_WEEK}.")
    return warned(
        name,
        f"{_lot(late)} sent more than a second after its turn {A_WEEK}.",
        "See clock and temporal.pollers here: a worker that came late, one without processor, or "
        "one whose lanes share their process.",
    )


def _receipts(report: HealthReport) -> Finding:
    name = "work.receipts"
    lost, open_ = report.of(Matter.WITHOUT_RECEIPT), report.of(Matter.UNRECORDED)
    if lost.count:
        return failed(
            name,
            f"{_lot(lost)} completed without a receipt. One transaction writes both: rows were "
            "removed, or the database was restored in part.",
            "python starter.py audit verify CODE, then restore.",
        )
    if open_.count:
        return failed(
            name,
            f"{_lot(open_)} booked, and for ten minutes neither charged nor recorded.",
            "See stripe and temporal.pollers here; the pending activity of registration-UUID says "
            "what holds it up.",
        )
    return passed(name, "Every booking that is known has its receipt.")


def _fees(report: HealthReport) -> Finding:
    name, undecided, due = "work.fees", report.of(Matter.UNDECIDED), report.of(Matter.FEE_DUE)
    if undecided.count:
        return failed(
            name,
            f"{_lot(undecided)} with a charge that was sent an hour ago and has no answer.",
            "See stripe here. Look in Stripe for a payment whose metadata names the registration.",
        )
    if due.count:
        return warned(
            name,
            f"{_lot(due)} booked, the fee unpaid for more than a day.",
            "The parents were told. See Fee due in docs/operations.md; where a card is good, "
            "stripe and mandates here.",
        )
    return passed(name, "No fee is without an answer, and none is due for long.")


def _letters(report: HealthReport) -> Finding:
    name, unsent = "work.letters", report.of(Matter.UNSENT)
    if not unsent.count:
        return passed(name, "Every letter of these seven days has gone out.")
    return warned(
        name,
        f"{_lot(unsent)} with letters that were not sent.",
        "See mail.server here. They are tried again for three days; tell those parents of whom "
        "alerts say that they were not reached by other means.",
    )


def _reviews(report: HealthReport) -> Finding:
    name, waiting = "work.reviews", report.of(Matter.IN_REVIEW)
    if not waiting.count:
        return passed(name, "Nothing waits for a person's decision.")
    return warned(name, f"{_lot(waiting)} in review.", "Decide: python starter.py review list")


def _lot(lot: Lot) -> str:
    said = counted(lot.count, "registration")
    return (
        f"{said} ({some(lot.codes, len(lot.codes))}{', …' if lot.count > len(lot.codes) else ''})"
    )


async def _alerts(patient: Patient) -> list[Finding]:
    name = "work.alerts"
    found = await patient.answer((await patient.allowed("open_alerts")).open_alerts(MOST_ALERTS))
    if not found:
        return [passed(name, "No alert is open.")]
    kinds = Counter(alert.kind.value for alert in found)
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    return [warned(name, f"Alerts are open: {said}.", "Read them: python starter.py alerts list")]


CHECKS = (
    Check("work.bookings", _bookings, "See database here.", PROGRAMS),
    Check("work", _progress, "See database here.", PROGRAMS),
    Check("work.alerts", _alerts, "See database here.", PROGRAMS),
)
