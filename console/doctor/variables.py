"""The environment: is it complete for each program, and do its parts agree."""

from collections.abc import Callable, Mapping, Sequence

from backup_settings import MakingSettings
from connection import check_complete, temporal_config
from console.doctor.examination import Check
from console.doctor.findings import Finding, NotChecked, failed, passed, warned
from console.doctor.patient import Patient, Program
from release import ReleaseSettings
from settings import (
    AuthSettings,
    BookingSettings,
    DeploySettings,
    FrontDoorSettings,
    MailSettings,
    MandateSettings,
    PayloadSettings,
    PaymentSettings,
    RecordsSettings,
    ScheduleSettings,
    ServerSettings,
    SettingsError,
    SigningSettings,
    WebhookSettings,
    WebUiSettings,
)
from subscription_settings import SubscriptionSettings
from telemetry_settings import MetricsSettings, TracingSettings

_OUTSIDE = (RecordsSettings.load, PaymentSettings.load, BookingSettings.load)

NEEDS: Mapping[Program, Sequence[Callable[[], object]]] = {
    Program.WORKER: (
        temporal_config,
        *_OUTSIDE,
        SigningSettings.load,
        MailSettings.load,
        MetricsSettings.load,
        TracingSettings.load,
        ReleaseSettings.load,
        FrontDoorSettings.load,
        PayloadSettings.load,
        MakingSettings.load_if_given,
    ),
    Program.MCP: (
        temporal_config,
        *_OUTSIDE,
        MandateSettings.load,
        AuthSettings.load,
        ServerSettings.load,
        FrontDoorSettings.load,
        WebhookSettings.load,
        WebUiSettings.load,
        PayloadSettings.load,
        SubscriptionSettings.load,
        TracingSettings.load,
    ),
    Program.DEPLOY: (
        temporal_config,
        PayloadSettings.load,
        DeploySettings.load,
        ScheduleSettings.load,
    ),
}

WEBHOOKS = "/webhooks/bookeo"
"""Where the MCP server takes Bookeo's messages."""


async def _variables(patient: Patient) -> list[Finding]:
    return [_of(program) for program in Program if program in patient.programs]


def _of(program: Program) -> Finding:
    name = f"variables.{program.value}"
    try:
        check_complete(*NEEDS[program])
    except SettingsError as incomplete:
        return failed(
            name,
            " ".join(str(incomplete).splitlines()),
            f"Set it where {program.value} runs: .env.example describes each. If it does not run "
            "with this environment, name the programs that do: --program.",
        )
    return passed(name, "Every variable that it needs is set and well-formed.")


async def _addresses(patient: Patient) -> list[Finding]:
    del patient
    name = "variables.addresses"
    try:
        public = ServerSettings.load().public_url
        audience, webhook = AuthSettings.load().auth0_audience, WebhookSettings.load()
    except SettingsError:
        raise NotChecked("variables.mcp failed") from None
    faults: list[str] = []
    if audience != f"{public}/mcp":
        faults.append(f"AUTH0_AUDIENCE is not {public}/mcp, which clients ask their tokens for")
    taken = f"{public}{WEBHOOKS}"
    if webhook.bookeo_webhook_url not in (None, taken):
        faults.append(f"BOOKEO_WEBHOOK_URL is not {taken}, where Bookeo's messages are taken")
    if faults:
        return [
            warned(
                name,
                f"{'; '.join(faults)}.",
                "Make PUBLIC_URL and them agree, unless a proxy in between rewrites addresses.",
            )
        ]
    if webhook.bookeo_webhook_url is None:
        return [
            passed(
                name,
                "They agree. Bookeo's webhooks are not taken: what an organiser cancels is "
                "noticed by the sweeps, for twelve hours after the booking.",
            )
        ]
    return [passed(name, f"They agree; clients come to {public}/mcp.")]


CHECKS = (
    Check("variables", _variables, "Look at the environment."),
    Check("variables.addresses", _addresses, "Look at the environment.", (Program.MCP,)),
)
