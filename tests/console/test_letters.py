from domain.alerts import AlertKind
from domain.mail import letter_id
from tests.console.command_line import Office


async def test_a_letter_that_came_back_is_sent_no_more_and_told(office: Office) -> None:
    row = await office.family.pending()
    came_back = letter_id("scheduled", row.id, "1")

    said = [(await office.starter.run("letters", "bounced", came_back)) for _ in range(2)]

    assert [answer.exit_code for answer in said] == [0, 0]
    assert f"{row.code} was not told (scheduled)" in said[0].stdout
    assert await office.records.unsent(row.id) == []
    (alert,) = await office.records.open_alerts(5)
    assert (alert.kind, alert.registration_id) == (AlertKind.LETTER_UNDELIVERED, row.id)
    assert "it came back after it was sent" in alert.sentence


async def test_a_message_id_of_no_letter_of_ours_fails(office: Office) -> None:
    unknown = await office.starter.run("letters", "bounced", "<1@elsewhere.example>")

    assert unknown.exit_code == 1
    assert "No letter" in unknown.output
