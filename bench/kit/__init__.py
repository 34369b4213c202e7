"""What the benchmarks share: options, a server, data, the jsonb table beside ours, gauges."""
