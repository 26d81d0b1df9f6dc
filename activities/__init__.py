"""What touches the outside, one file a capability, the gateways handed in."""
