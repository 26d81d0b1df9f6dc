"""What parents are reminded of, each morning of the business."""

from datetime import time, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delivery import Delivery
    from activities.outside import Outside
    from activities.reminders import Reminders
    from activities.sweep_letters import LetterSweeps
    from domain.outbox import ReminderOrder, ReminderReport
    from domain.recurrence import BUSINESS, Daily
    from workflows.durations import TEN_MINUTES
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="process_notifications")
class ProcessNotifications:
    """Tells of tomorrow's openings, of what is missing or unpaid, and of receipts a week old."""

    @workflow.run
    async def run(self, order: ReminderOrder) -> ReminderReport:
        """Owe what is due, then send it."""
        order = order.for_run(nominal_time())
        owed = await workflow.execute_activity_method(
            Reminders.owe_reminders, order, **TEN_MINUTES.under("What is due to be told")
        )
        letters = await workflow.execute_activity_method(
            Reminders.send_reminders, order, **TEN_MINUTES.under("Send it")
        )
        return ReminderReport(owed=owed, letters=letters)


def _activities(outside: Outside) -> Served:
    delivery = Delivery(outside.records, outside.mail, outside.links)
    reminders = Reminders(outside.records, LetterSweeps(outside.records, delivery))
    return [reminders.owe_reminders, reminders.send_reminders]


JOB = Job(
    id="process-notifications",
    workflow=ProcessNotifications,
    order=ReminderOrder(),
    when=Daily(at=(time(8),), zone=BUSINESS),
    # After that parents would be reminded at an odd hour; the next day's run finds most of it.
    catch_up=timedelta(hours=3),
    takes=TEN_MINUTES,
    note="Sends what is due: reminders, receipts' follow-ups, unpaid fees, what is missing",
    activities=_activities,
)
