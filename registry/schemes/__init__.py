"""The scheme owner tries a draft on everybody; holders are told what lies ahead."""
