"""The checklist: Markdown in, frozen facts out."""
