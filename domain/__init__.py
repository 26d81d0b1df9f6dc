"""The vocabulary of SignupAssist: pure, and importing nothing else of ours."""
