"""The commands on mandates: what parents permitted, as it was signed."""

from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.handles import By
from console.mandate_proof import Proof, prove
from console.mandate_signing import Signing, signed_afterwards
from console.output import AsJson, both, complain, print_json, print_sheet, print_table, say
from console.references import Named, Reference, find
from console.registrations import Limit
from console.running import FAILED, run

commands = typer.Typer(
    help="""Verify mandates, the parents' signed permissions.

Each is for one registration, one booking and its fee. The keys are those of
MANDATE_SIGNING_KEYS; no token is ever shown.

Examples:
  python starter.py mandate verify REG-4HJ8WZ2C
  python starter.py mandate sign-old --by kim
  python starter.py mandate public-keys
""",
    no_args_is_help=True,
)


@commands.command()
def verify(context: typer.Context, reference: Named, as_json: AsJson = False) -> None:
    """Prove that a booking and its fee were covered by what the parent permitted.

    Every claim that was signed is held against the mandate's row and the
    registration's. The booking and each charge must lie between its confirm
    and its end, before any withdrawal, and within the cap. Exit code 1 when
    anything is not so. Whether the audit trail itself is whole says
    `audit verify`.

    Examples:
      python starter.py mandate verify REG-4HJ8WZ2C
      python starter.py mandate verify SCH-7KQ2M9XA --json
    """
    run(_verify(doors_of(context), reference, as_json))


async def _verify(doors: Doors, reference: Reference, as_json: bool) -> None:
    mandates = doors.mandates()
    async with doors.records() as records:
        row = await find(records, reference)
        proof = await prove(records, mandates, row.id)
    if as_json:
        print_json(proof)
    else:
        _print_proof(proof, row.time_zone)
    if not proof.holds:
        raise typer.Exit(FAILED)


def _print_proof(proof: Proof, time_zone: str) -> None:
    afterwards, withdrawn = proof.signed_afterwards_at, proof.withdrawn_at
    print_sheet(
        {
            "Registration": f"{proof.code}  {proof.registration_id}",
            "Mandate": str(proof.mandate_id) if proof.mandate_id else None,
            "Signed by key": proof.key_id,
            "Signed afterwards": both(afterwards, time_zone) if afterwards else None,
            "Withdrawn": both(withdrawn, time_zone) if withdrawn else None,
        }
    )
    if proof.claims:
        print_table(
            ["Claim", "As signed", "Mandate's row", "Registration's row", "Verdict"],
            [
                [
                    check.claim,
                    check.signed,
                    check.mandate,
                    check.registration,
                    "holds" if check.holds else "DIFFERS",
                ]
                for check in proof.claims
            ],
        )
    if proof.deeds:
        print_table(
            ["What was done", "When", "Covered"],
            [
                [deed.what, both(deed.at, time_zone), "yes" if deed.covered else "NO"]
                for deed in proof.deeds
            ],
        )
    _print_verdict(proof)


def _print_verdict(proof: Proof) -> None:
    if proof.problem is not None:
        complain(proof.problem)
    for check in proof.claims:
        if not check.holds:
            complain(f"The claim {check.claim} is not what the rows say.")
    for deed in proof.deeds:
        if not deed.covered:
            complain(f"Not covered: {deed.what}, because {'; '.join(deed.faults)}.")
    if not proof.holds:
        return
    if proof.deeds:
        say("It was covered by what the parent permitted.", style="green")
    elif proof.withdrawn_at is not None:
        say("It has been withdrawn. Nothing was booked under it, and nothing will be.")
    else:
        say("The mandate holds. Nothing has been booked under it.", style="green")


@commands.command(name="sign-old")
def sign_old(
    context: typer.Context,
    by: By,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be signed, and sign nothing.")
    ] = False,
    limit: Limit = 10_000,
    as_json: AsJson = False,
) -> None:
    """Sign the permissions of registrations that were confirmed before any were signed.

    Once after the release that signs them is deployed, before its workers
    start, and once more when the last worker of the release before has ended.
    Only what was confirmed before the recorded instant and may still be booked
    or charged is signed, and only where row, family and audit trail agree.
    Kept in the audit trail with who did it. Exit code 1 when any stays
    unsigned: under those nothing is booked and nothing charged.

    Examples:
      python starter.py mandate sign-old --by kim --dry-run
      python starter.py mandate sign-old --by kim
    """
    run(_sign_old(doors_of(context), by, limit, dry_run, as_json))


async def _sign_old(doors: Doors, by: str, limit: int, dry_run: bool, as_json: bool) -> None:
    mandates = doors.mandates(signing=True)
    async with doors.records() as records:
        done = await signed_afterwards(records, mandates, by, limit, dry_run=dry_run)
    if as_json:
        print_json(done)
    else:
        _print_signing(done)
    if done.refused:
        raise typer.Exit(FAILED)


def _print_signing(done: Signing) -> None:
    for refusal in done.refused:
        complain(f"{refusal.code} stays unsigned: {refusal.because}.")
    many = len(done.signed)
    if done.dry_run:
        say(f"{many} would be signed. Without --dry-run they are.")
    elif many or done.refused:
        say(f"Signed: {many}.", style="red" if done.refused else "green")
    else:
        say("Every permission in use is signed.", style="green")


@commands.command(name="public-keys")
def public_keys(context: typer.Context) -> None:
    """Print the keys that verify mandates, for a program that signs none.

    Made from MANDATE_SIGNING_KEYS, and given under the same name to the MCP
    server; or to a worker, in the place of a key that is to sign no more.

    Example:
      python starter.py mandate public-keys
    """
    run(_public_keys(doors_of(context)))


async def _public_keys(doors: Doors) -> None:
    typer.echo(doors.mandates().public_keys())
