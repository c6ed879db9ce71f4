"""WHAT HAPPENED: the catalogue of events, their dialects, codecs and schema."""
