"""The story of one registration: for its parent in sentences, for an operator step by step."""
