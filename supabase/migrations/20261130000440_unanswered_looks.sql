-- A look at what stands that got no answer for long is told.

alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'mandate_unsigned', 'charge_unexpected',
  'cancellation_open', 'look_unanswered'));
