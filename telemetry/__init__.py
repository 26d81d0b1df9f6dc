"""What a program shows of itself: figures to Prometheus, traces to OpenTelemetry."""
