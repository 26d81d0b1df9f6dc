from gateways.protocols.records import Records


async def test_a_database_that_is_there_answers(records: Records) -> None:
    await records.ping()
