"""The committee grants or refuses, with reasons, once; the grounds are frozen."""
