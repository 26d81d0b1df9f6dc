"""The embedded world: everything SignupAssist talks to, on this machine, without Docker."""
