"""Mail: would the server take a letter from us now."""

from console.doctor.examination import Check
from console.doctor.findings import Finding, passed
from console.doctor.patient import Patient, Program


async def _server(patient: Patient) -> list[Finding]:
    await patient.answer((await patient.mail.own()).check())
    return [passed("mail.server", "The mail server lets us in and takes MAIL_FROM as a sender.")]


CHECKS = (
    Check(
        "mail.server",
        _server,
        "Look at SMTP_URL (a password is sent only under TLS), at MAIL_FROM, and at the mail "
        "server's own log.",
        (Program.WORKER,),
    ),
)
